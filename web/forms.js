// Forms: fields drawn on a scan, other scans read by them, doubtful fields looked through, a table in the end.
import { FieldEditor } from './form_fields.js';
import { Review } from './form_review.js';
import { ask, Gone } from './server.js';
import { showToast } from './toast.js';
import { errorText, onLanguage, translate } from './words.js';

const byId = (id) => document.getElementById(id);

/** Asks for files: a promise of them. */
function chooseFiles(input) {
  return new Promise((resolve) => {
    input.onchange = () => {
      resolve([...input.files]);
      input.value = '';  // so that the same file can be chosen again
    };
    input.click();
  });
}

function save(name, text, type) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** A cell of CSV (RFC 4180). */
function csvCell(text) {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export class Forms {
  #reference = null;  // a File
  #rows = [];  // what the server says of each scan
  #stopped = false;

  /** `corrections` takes what is corrected, for scrawl to learn from. */
  constructor(corrections) {
    this.editor = new FieldEditor(() => this.#changed());
    this.review = new Review(corrections, () => this.#showRows());
    byId('form-scan').onclick = () => this.#tried(async () => this.#open((await chooseFiles(byId('form-file')))[0]));
    byId('form-load').onclick = () => this.#tried(async () => this.#load((await chooseFiles(byId('form-json')))[0]));
    byId('form-save').onclick = () => save('fields.json', this.#json(), 'application/json');
    byId('form-read').onclick = () => this.#tried(async () => this.#readAll(await chooseFiles(byId('form-scans'))));
    byId('form-stop').onclick = () => { this.#stopped = true; };
    byId('form-table').onclick = () => save('fields.csv', this.#csv(), 'text/csv');
    byId('form-review').onclick = () => this.review.open(this.#rows);
    onLanguage(() => {
      this.#changed();
      this.#showRows();
    });
  }

  async #tried(action) {
    try { await action(); } catch (error) { if (!(error instanceof Gone)) showToast(errorText(error)); }
  }

  async #open(file) {
    try { await this.editor.show(file); } catch { throw new Error(translate('form_unseen', { file: file.name })); }
    this.#reference = file;
    this.#changed();
  }

  /** A picture that was dropped or pasted: the form's scan where there is none yet, else one to be read. */
  take(file) {
    this.#tried(() => (byId('form-read').disabled ? this.#open(file) : this.#readAll([file])));
  }

  async #load(file) {
    this.editor.take(JSON.parse(await file.text()));
  }

  /** The form as docs/FORMS.md has it. */
  #json() {
    return JSON.stringify({ unit: 'share', reference: this.#reference.name, fields: this.editor.fields }, null, 2);
  }

  #changed() {
    const ready = Boolean(this.#reference) && this.editor.fields.length > 0;
    byId('form-load').disabled = !this.#reference;
    byId('form-save').disabled = byId('form-read').disabled = !ready;
    byId('form-hint').textContent = translate(!this.#reference ? 'form_first' : ready ? 'form_next' : 'form_draw');
  }

  async #readAll(files) {
    this.#rows = [];
    this.#stopped = false;
    byId('form-read').hidden = true;
    byId('form-stop').hidden = byId('form-progress').hidden = false;
    try {
      for (const [i, file] of files.entries()) {
        if (this.#stopped) break;
        byId('form-progress').value = i / files.length;
        await this.#readOne(file);
      }
    } finally {
      byId('form-read').hidden = false;
      byId('form-stop').hidden = byId('form-progress').hidden = true;
    }
  }

  async #readOne(file) {
    const body = new FormData();
    body.append('form', this.#json());
    body.append('reference', this.#reference, 'reference');
    body.append('scan', file, file.name);
    const rows = await ask('POST', 'v1/forms?pictures=true&glyphs=true', body);
    this.#rows.push(...rows);
    this.#showRows();
  }

  #count(state) {
    return this.#rows.reduce((sum, row) => sum + (row.fields ?? []).filter((field) => field.state === state).length, 0);
  }

  #showRows() {
    const names = this.#rows.find((row) => row.fields)?.fields.map((field) => field.name) ?? [];
    const head = document.createElement('tr');
    head.append(...['', ...names].map((name) => Object.assign(document.createElement('th'), { textContent: name, scope: 'col' })));
    byId('form-head').replaceChildren(head);
    byId('form-rows').replaceChildren(...this.#rows.map((row) => this.#rowOf(row, names.length)));
    const states = Object.fromEntries(['sure', 'doubtful', 'wrong', 'blank', 'checked'].map((state) => [state, this.#count(state)]));
    byId('form-summary').textContent = this.#rows.length === 0 ? '' : translate('form_summary', { pages: this.#rows.length, ...states });
    const open = states.doubtful + states.wrong;
    byId('form-review').hidden = open === 0;
    byId('form-review').textContent = translate('form_review', { count: open });
    byId('form-table').hidden = names.length === 0;
  }

  #rowOf(row, columns) {
    const element = document.createElement('tr');
    const cell = (text, kind = 'td') => Object.assign(document.createElement(kind), { textContent: text });
    element.append(Object.assign(cell(row.file, 'th'), { scope: 'row' }));
    if (row.error) element.append(Object.assign(cell(row.error), { colSpan: Math.max(1, columns), className: 'wrong' }));
    for (const field of row.fields ?? []) {
      const one = cell('');
      const picture = Object.assign(new Image(), { src: `data:image/png;base64,${field.picture}`, alt: '' });
      one.className = `state-${field.state}`;
      one.append(picture, cell(field.text || translate(`state_${field.state}`), 'span'));
      one.title = [translate(`state_${field.state}`), field.reason].filter(Boolean).join(': ');
      element.append(one);
    }
    return element;
  }

  /** As `scrawl read --form` writes it. */
  #csv() {
    const names = this.#rows.find((row) => row.fields).fields.map((field) => field.name);
    const lines = [['file', ...names, ...names.flatMap((name) => [`${name} state`, `${name} confidence`])]];
    for (const { file, fields } of this.#rows) {
      lines.push(fields ? [file, ...fields.map((field) => field.text), ...fields.flatMap((field) => [field.state, field.confidence.toFixed(4)])]
        : [file, ...names.flatMap(() => ['', '', ''])]);
    }
    return lines.map((cells) => cells.map(csvCell).join(',') + '\n').join('');
  }
}
