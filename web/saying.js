// What someone says of what was read: what a digit is, that there is one or none, that two are one or one is two, or the whole
// number. Where digits are becomes edits (edits.js), what they are corrections, for scrawl to learn from.
import { openBeside } from './dialogs.js';
import { digitsIn, edited, typedText, union } from './edits.js';
import { bytesOf } from './glyph.js';
import { boxesOfClusters, boxOf, overlaps } from './ink.js';
import { makeGlyph } from './made_glyph.js';
import { classifyGlyph, Gone, readPart } from './server.js';
import { showToast } from './toast.js';
import { errorText, translate } from './words.js';

const byId = (id) => document.getElementById(id);
const smallest_refused = 24;  // CSS pixels of the paper: what is smaller is a dot

const scaled = ({ x, y, width, height }, scale) => ({ x: x * scale, y: y * scale, width: width * scale, height: height * scale });

/** Where there is least ink near the middle of a box: CSS pixels of the paper from its left. */
function splitAt({ canvas, scale, origin }, box) {
  const { data, width } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const ink = Array(width).fill(0);
  for (let i = 0; i < data.length; i += 4) ink[i / 4 % width] += 255 - data[i + 1];
  const from = Math.round((box.x - origin.x + 0.3 * box.width) * scale), to = Math.round((box.x - origin.x + 0.7 * box.width) * scale);
  const middle = (from + to) / 2, cost = (x) => ink[x] + 20 * Math.abs(x - middle);
  let best = from;
  for (let x = from; x <= to; ++x) if (cost(x) < cost(best)) best = x;
  return best / scale + origin.x - box.x;
}

/** What the reader would not take for a digit is one all the same, when someone says so. Null where there is no ink. */
async function makeDigit(canvas) {
  const made = makeGlyph(canvas);
  return made && { ...made, ...await classifyGlyph(bytesOf(made.glyph)) };
}

export class Saying {
  #edits = [];

  /**
   * `reading()` gives what is shown now, {shown, scale, version}, or null; `corrections()` where corrections go; `changed()` is
   * called when something else is to be shown.
   */
  constructor({ history, paper, view, reading, corrections, changed }) {
    Object.assign(this, { history, paper, view, reading, corrections, changed });
    byId('draw-box').onclick = () => this.setBoxing(!paper.boxing);
    this.#listenToTyping();
  }

  /** An answer with what was said of where its digits are. */
  applied(answer, scale) {
    return edited(answer, this.#edits, this.history.sheet, scale, (digit) => this.corrections().said(digit));
  }

  /** Boxes on the paper of strokes that were read as no digit, and that nobody has said to be none. */
  refused({ digits }, scale) {
    const known = digits.filter(({ box }) => box).map(({ box }) => scaled(box, 1 / scale));
    for (const { strokes, made } of this.#edits) if (made?.length === 0) known.push(...strokes.map(boxOf));
    return boxesOfClusters(this.history.sheet.strokes).filter((box) => Math.max(box.width, box.height) > smallest_refused && !known.some((one) => overlaps(one, box)));
  }

  /** Glyphs have other names now: a map from the old ones. */
  rename(names) {
    for (const one of this.#edits) for (const list of ['removed', 'of']) if (one[list]) one[list] = one[list].map((glyph) => names.get(glyph) ?? glyph);
  }

  /** Asks what a digit is, beside `element`. */
  ask(index, element) {
    const { digits } = this.view.answer;
    this.corrections().pick(digits[index], element, Boolean(digits[index + 1]?.box));
  }

  setBoxing(on) {
    this.paper.boxing = on;
    byId('draw-box').setAttribute('aria-pressed', String(on));
  }

  /** A box that someone has drawn: a digit that was missed, or one that was read as several. */
  mark(box) {
    if (this.reading()) this.#replace(digitsIn(this.#boxed(), box), [box], box);
  }

  /** What a digit is: for scrawl to learn from where it may, else on this sheet alone. */
  tell(digit, what) {
    if (this.corrections().saves) this.corrections().tell(digit, what);
    else this.say(digit, what);
  }

  // What can be said of a digit beside what it is (corrections.js).

  say(digit, what) {
    const box = this.#onPaper(digit);
    this.#edit({ ...this.#about(box), removed: [digit.glyph], made: [{ ...digit, box, said: what }] });
  }

  none(digit) {
    this.#edit({ ...this.#about(this.#onPaper(digit)), removed: [digit.glyph], made: [] });
  }

  join(digit) {
    const digits = this.#boxed(), at = digits.findIndex(({ glyph }) => glyph === digit.glyph), two = digits.slice(at, at + 2);
    const around = two.map(({ box }) => box).reduce((a, b) => union(a, b));
    this.#replace(two, [around], around);
  }

  split(digit) {
    const box = this.#onPaper(digit), part = this.paper.part(box);
    if (!part) return;
    const left = splitAt(part, box);
    this.#replace([digit], [{ ...box, width: left }, { ...box, x: box.x + left, width: box.width - left }], box);
  }

  #onPaper({ box }) { return scaled(box, 1 / this.reading().scale); }

  /** The digits that have boxes, with these on the paper. */
  #boxed() { return this.reading().shown.digits.filter(({ box }) => box).map((digit) => ({ ...digit, box: this.#onPaper(digit) })); }

  /** What an edit of a part of the sheet is about: it holds as long as that is there. */
  #about(box) {
    const { picture, strokes } = this.history.sheet;
    return { picture, strokes: strokes.filter((stroke) => overlaps(boxOf(stroke), box)) };
  }

  #edit(made) {
    const add = () => { this.#edits = [...this.#edits, made]; }, remove = () => { this.#edits = this.#edits.filter((one) => one !== made); };
    add();
    this.history.did({ back: remove, forth: add });
    this.changed();
  }

  /** The digit in a part of the paper, read by itself; null where there is no ink. */
  async #read(box) {
    const { canvas, scale, origin } = this.paper.part(box);
    const digit = (await readPart(canvas)).digits[0] ?? await makeDigit(canvas);
    if (!digit) return null;
    const { x, y, width, height } = scaled(digit.box, 1 / scale);
    return { ...digit, box: { x: x + origin.x, y: y + origin.y, width, height } };
  }

  /** Digits that are read in `boxes` come in place of those `removed`. */
  async #replace(removed, boxes, around) {
    if (!this.paper.part(around)) return;
    const { version } = this.reading();
    try {
      const made = (await Promise.all(boxes.map((box) => this.#read(box)))).filter(Boolean);
      if (made.length < boxes.length) return showToast(translate('no_ink_there'));
      if (version !== this.reading()?.version) return;  // something else is on the sheet by now
      this.#edit({ ...this.#about(around), removed: removed.map(({ glyph }) => glyph), made });
      const index = this.view.answer.digits.findIndex(({ glyph }) => glyph === made[0].glyph);
      if (index < 0) return;
      this.view.select(index);
      if (made.length === 1) this.ask(index, this.view.box(index));
    } catch (error) {
      if (!(error instanceof Gone)) showToast(errorText(error));
    }
  }

  #listenToTyping() {
    const dialog = byId('type'), field = dialog.querySelector('textarea');
    byId('type-number').onclick = () => {
      field.value = byId('reading').textContent;
      field.rows = field.value.split('\n').length;
      openBeside(dialog, byId('type-number'));
      field.select();
    };
    field.onkeydown = (event) => {
      if (event.key !== 'Enter' || event.shiftKey) return;
      event.preventDefault();
      dialog.close('given');
    };
    dialog.onclose = () => {
      if (dialog.returnValue === 'given' && this.reading()) this.#type(typedText(field.value));
      dialog.returnValue = '';
    };
  }

  /** The whole number as it should be: where as many digits were read, those that were misread are corrected. */
  #type(typed) {
    const said = [...typed.replace(/\s/g, '')].map(Number), { digits, text } = this.reading().shown;
    if (said.length === digits.length) digits.forEach((digit, i) => { if (digit.glyph && this.corrections().said(digit) !== said[i]) this.tell(digit, said[i]); });
    if (said.length === digits.length && typed.replace(/\d/g, '') === text.replace(/\d/g, '')) return;
    this.#edit({ picture: this.history.sheet.picture, strokes: this.history.sheet.strokes, typed, of: digits.map(({ glyph }) => glyph) });
  }
}
