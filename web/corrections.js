// What someone has said digits are: asked for, sent to the server's collection, and taken back.
import { openBeside } from './dialogs.js';
import { ask, Gone, send } from './server.js';
import { showToast } from './toast.js';
import { translate } from './words.js';

export class Corrections {
  told = new Map();  // glyph -> {digit, id}, of what is on the sheet
  #wanted = new Map();  // glyph -> digit that was said and not yet sent
  #last = Promise.resolve();  // the end of what is under way

  /** `changed(collection)` whenever the collection is another: {size, digits}. */
  constructor(changed) {
    this.changed = changed;
    this.dialog = document.getElementById('pick');
    this.keys = this.dialog.querySelector('.keys');
    for (let digit = 0; digit < 10; ++digit) {
      const key = document.createElement('button');
      key.textContent = digit;
      key.onclick = () => this.#answer(digit);
      this.keys.append(key);
    }
    this.dialog.addEventListener('keydown', (event) => {
      if (/^[0-9]$/.test(event.key)) this.#answer(Number(event.key));
      const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -5, ArrowDown: 5 }[event.key];
      if (step) this.keys.children[([...this.keys.children].indexOf(document.activeElement) + step + 10) % 10].focus();
    });
  }

  /** Asks what `digit` (of an answer) is, beside `element`. */
  pick(digit, element) {
    this.digit = digit;
    const now = this.told.get(digit.glyph)?.digit ?? digit.digit;
    [...this.keys.children].forEach((key, i) => key.classList.toggle('now', i === now));
    openBeside(this.dialog, element);
    this.keys.children[now].focus();
  }

  #answer(digit) {
    this.dialog.close();
    this.tell(this.digit, digit);
  }

  /** Says that `read` (a digit of an answer) is a `digit`. One word at a time goes to the server: of several on the same digit the last one said is the last one there. */
  tell(read, digit) {
    this.#wanted.set(read.glyph, digit);
    this.#next(() => this.#save(read.glyph));
  }

  async #save(glyph) {
    const digit = this.#wanted.get(glyph);
    this.#wanted.delete(glyph);
    if (digit === undefined || this.told.get(glyph)?.digit === digit) return;  // a later word took this one's place
    const { id, collection } = await send('v1/corrections', { glyph, digit });
    this.told.set(glyph, { digit, id });
    this.changed(collection);
    showToast(translate('saved', collection), () => this.#next(() => this.#takeBack(glyph, id)));
  }

  async #takeBack(glyph, id) {
    const collection = await ask('DELETE', `v1/corrections/${id}`);
    this.told.delete(glyph);
    this.changed(collection);
    showToast(translate('undone', collection));
  }

  /** After all that has been begun. */
  #next(action) {
    this.#last = this.#last.then(() => this.#tried(action));
  }

  async #tried(action) {
    try { await action(); } catch (error) { if (!(error instanceof Gone)) showToast(translate('failed', { error: error.message })); }
  }

  /** The network has learned: let it answer for itself. Or: these ids are no more. */
  forget(id = null) {
    for (const [glyph, told] of this.told) if (id === null || told.id === id) this.told.delete(glyph);
  }
}
