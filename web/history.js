// The sheet now, and what it was before: each change is a new sheet, so that all of them can be undone, clearing too.
//
// A sheet is {strokes, picture}: the strokes drawn, or a picture {file, bitmap, name}.
const empty = { strokes: [], picture: null };

export class History {
  #past = [];
  #future = [];
  sheet = empty;

  constructor(changed) {
    this.changed = changed;
  }

  get canUndo() { return this.#past.length > 0; }
  get canRedo() { return this.#future.length > 0; }
  get isEmpty() { return this.sheet.strokes.length === 0 && !this.sheet.picture; }

  put(sheet) {
    this.#past.push(this.sheet);
    this.#future = [];
    this.#set(sheet);
  }

  add(stroke) { this.put({ strokes: [...this.sheet.strokes, stroke], picture: null }); }
  clear() { if (!this.isEmpty) this.put(empty); }

  undo() {
    if (!this.canUndo) return;
    this.#future.push(this.sheet);
    this.#set(this.#past.pop());
  }

  redo() {
    if (!this.canRedo) return;
    this.#past.push(this.sheet);
    this.#set(this.#future.pop());
  }

  #set(sheet) {
    this.sheet = sheet;
    this.changed();
  }
}
