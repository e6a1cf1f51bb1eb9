// The sheet now, and the steps that led to it, each of which can be undone and done again: strokes, pictures, clearing, and
// what was said of what was read.
//
// A sheet is {strokes, picture}: the strokes drawn, or a picture {file, bitmap, name}.
const empty = { strokes: [], picture: null };

export class History {
  #past = [];  // of steps {back(), forth()}
  #future = [];
  sheet = empty;

  constructor(changed) {
    this.changed = changed;
  }

  get canUndo() { return this.#past.length > 0; }
  get canRedo() { return this.#future.length > 0; }
  get isEmpty() { return this.sheet.strokes.length === 0 && !this.sheet.picture; }

  put(sheet) {
    const before = this.sheet;
    this.did({ back: () => this.#set(before), forth: () => this.#set(sheet) });
    this.#set(sheet);
  }

  /** Something was done; a step that is not about the sheet. */
  did(step) {
    this.#past.push(step);
    this.#future = [];
    this.changed();
  }

  /** That step was taken back in another way. */
  forget(step) {
    this.#past = this.#past.filter((other) => other !== step);
    this.#future = this.#future.filter((other) => other !== step);
    this.changed();
  }

  add(stroke) { this.put({ strokes: [...this.sheet.strokes, stroke], picture: null }); }
  clear() { if (!this.isEmpty) this.put(empty); }

  undo() {
    if (!this.canUndo) return;
    const step = this.#past.pop();
    this.#future.push(step);
    step.back();
    this.changed();
  }

  redo() {
    if (!this.canRedo) return;
    const step = this.#future.pop();
    this.#past.push(step);
    step.forth();
    this.changed();
  }

  #set(sheet) {
    this.sheet = sheet;
    this.changed();
  }
}
