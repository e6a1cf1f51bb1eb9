// What someone has said digits are: asked for, sent to the server's collection, and taken back.
import { openBeside } from './dialogs.js';
import { ask, Gone, send } from './server.js';
import { showToast } from './toast.js';
import { errorText, translate } from './words.js';

export class Corrections {
  saves = true;  // a server may let nobody teach it: then what is said stays on the sheet
  told = new Map();  // glyph -> {digit, id}, of what is on the sheet
  #wanted = new Map();  // glyph -> digit that was said and not yet sent
  #last = Promise.resolve();  // the end of what is under way

  /**
   * `changed(collection)` whenever the collection is another: {size, digits}. `isThere(digit)` tells whether what was asked about
   * is still on the sheet, `did(step)` and `undid(step)` take what can be undone (history.js), `acts` has what else can be said of
   * a digit, {none, split, join}(digit) and say(digit, what).
   */
  constructor(changed, { isThere, did, undid, acts }) {
    Object.assign(this, { changed, isThere, did, undid, acts });
    this.dialog = document.getElementById('pick');
    this.keys = this.dialog.querySelector('.keys');
    for (let digit = 0; digit < 10; ++digit) {
      const key = document.createElement('button');
      key.textContent = digit;
      key.onclick = () => this.#answer(digit);
      this.keys.append(key);
    }
    for (const button of this.dialog.querySelectorAll('.acts button')) {
      button.onclick = () => {
        this.dialog.close();
        if (isThere(this.digit)) acts[button.value](this.digit);
      };
    }
    this.dialog.addEventListener('keydown', (event) => {
      if (/^[0-9]$/.test(event.key)) this.#answer(Number(event.key));
      const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -5, ArrowDown: 5 }[event.key], at = [...this.keys.children].indexOf(document.activeElement);
      if (step && at >= 0) this.keys.children[(at + step + 10) % 10].focus();
    });
  }

  /** What a digit is taken for: as someone has said, else as it was read. */
  said(digit) {
    return this.told.get(digit.glyph)?.digit ?? digit.said ?? digit.digit;
  }

  /** Asks what `digit` (of an answer) is, beside `element`; `joins`: whether there is another one to join it with. */
  pick(digit, element, joins = false) {
    this.digit = digit;
    const now = this.said(digit);
    for (const button of this.dialog.querySelectorAll('.acts button')) button.hidden = !digit.box || button.value === 'join' && !joins;
    [...this.keys.children].forEach((key, i) => key.classList.toggle('now', i === now));
    openBeside(this.dialog, element);
    this.keys.children[now].focus();
  }

  #answer(digit) {
    this.dialog.close();
    if (!this.isThere(this.digit)) return;
    if (this.saves) this.tell(this.digit, digit);
    else this.acts.say(this.digit, digit);
  }

  /** Says that `read` (a digit of an answer) is a `digit`. One word at a time goes to the server: of several on the same digit the last one said is the last one there. */
  tell(read, digit) {
    const onSheet = this.isThere(read);
    this.#wanted.set(read.glyph, digit);
    this.#next(() => this.#save(read.glyph, onSheet));
  }

  /** `onSheet`: it can be undone there. */
  async #save(glyph, onSheet) {
    const digit = this.#wanted.get(glyph);
    this.#wanted.delete(glyph);
    if (digit === undefined || this.told.get(glyph)?.digit === digit) return;  // a later word took this one's place
    const before = this.told.get(glyph);
    const collection = await this.#put(glyph, digit);
    const step = {
      back: () => this.#next(() => (before ? this.#put(glyph, before.digit) : this.#takeBack(glyph))),
      forth: () => this.#next(() => this.#put(glyph, digit)),
    };
    if (onSheet) this.did(step);
    showToast(translate('saved', collection), () => {
      this.undid(step);
      step.back();
    });
  }

  async #put(glyph, digit) {
    const { id, collection } = await send('v1/corrections', { glyph, digit });
    this.told.set(glyph, { digit, id });
    this.changed(collection);
    return collection;
  }

  async #takeBack(glyph) {
    const told = this.told.get(glyph);
    if (!told) return;  // it was removed from the collection meanwhile
    const collection = await ask('DELETE', `v1/corrections/${told.id}`);
    this.told.delete(glyph);
    this.changed(collection);
    showToast(translate('undone', collection));
  }

  /** After all that has been begun. */
  #next(action) {
    this.#last = this.#last.then(() => this.#tried(action));
  }

  async #tried(action) {
    try { await action(); } catch (error) { if (!(error instanceof Gone)) showToast(errorText(error)); }
  }

  /** The network has learned: let it answer for itself. Or: these ids are no more. */
  forget(id = null) {
    for (const [glyph, told] of this.told) if (id === null || told.id === id) this.told.delete(glyph);
  }
}
