// The fields of a form, drawn on a scan of it and listed beside it: what each is called, and what is expected there.
import { onLanguage, translate } from './words.js';

const byId = (id) => document.getElementById(id);
const smallest = 0.004;  // share of the page: less is a slip of the hand
const kinds = ['digits', 'range', 'date', 'luhn', 'isbn', 'mod97'];
const checks = ['luhn', 'isbn', 'mod97'];

/** A form's boxes as shares of the page, whatever its unit. */
function toShares({ unit = 'share', page, fields }, width, height) {
  const [across, down] = unit === 'share' ? [1, 1] : page ?? (unit === 'millimeters' ? [210, 297] : [width, height]);
  return fields.map((field) => ({ ...field, box: field.box.map((value, i) => value / (i % 2 === 0 ? across : down)) }));
}

/** What is expected, as one line that can be edited: "7", "1-4", "0-100", "DD.MM.YYYY". */
function ruleText(field) {
  if (field.date) return field.date;
  if (field.range) return field.range.join('-');
  return Array.isArray(field.digits) ? field.digits.join('-') : String(field.digits ?? '');
}

function kindOf(field) {
  return field.date ? 'date' : field.range ? 'range' : field.check ?? 'digits';
}

/** The field with what is expected; null where the text is none. */
function withRule({ name, box, range }, kind, text) {
  if (kind === 'date') return /^[DMY.\-/ ]+$/.test(text) ? { name, box, date: text, ...typeof range?.[0] === 'string' && { range } } : null;
  const field = { name, box, ...checks.includes(kind) && { check: kind } };
  if (text === '' && kind !== 'range') return field;
  const found = /^(\d+)(?:\s*[-–]\s*(\d+))?$/.exec(text.trim());
  if (!found) return null;
  const [least, most] = [Number(found[1]), Number(found[2] ?? found[1])];
  if (least > most) return null;
  if (kind === 'range') return { ...field, range: found[2] ? [least, most] : [0, most] };
  return least < 1 || most > 40 ? null : { ...field, digits: least === most ? least : [least, most] };
}

export class FieldEditor {
  fields = [];
  #image = null;
  #selected = -1;

  constructor(changed) {
    this.changed = changed;
    this.sheet = byId('form-sheet');
    this.sheet.addEventListener('pointerdown', (event) => this.#press(event));
    this.sheet.addEventListener('keydown', (event) => {
      if (event.key === 'Delete' || event.key === 'Backspace') this.#remove(this.#selected);
    });
    onLanguage(() => this.#show());
  }

  /** Shows a scan; throws where the browser cannot. */
  async show(file) {
    const image = new Image();
    image.src = URL.createObjectURL(file);
    await image.decode();
    image.alt = file.name;
    image.draggable = false;
    if (this.#image) URL.revokeObjectURL(this.#image.src);
    this.#image = image;
    this.#show();
  }

  /** Takes the fields of a form. */
  take(form) {
    if (!Array.isArray(form?.fields)) throw new Error(translate('form_none'));
    this.fields = toShares(form, this.#image?.naturalWidth ?? 1, this.#image?.naturalHeight ?? 1);
    this.#select(-1);
    this.changed();
  }

  #place(event) {
    const { left, top, width, height } = this.sheet.getBoundingClientRect();
    const within = (value) => Math.min(1, Math.max(0, value));
    return [within((event.clientX - left) / width), within((event.clientY - top) / height)];
  }

  /** A new field, or another place or size for one. */
  #press(event) {
    if (!this.#image || event.button !== 0) return;
    event.preventDefault();
    this.sheet.focus();
    const element = event.target.closest('.form-field');
    const [x0, y0] = this.#place(event);
    const index = element ? [...this.sheet.querySelectorAll('.form-field')].indexOf(element) : this.fields.length;
    if (!element) this.fields.push({ name: this.#freeName(), box: [x0, y0, 0, 0], digits: [1, 10] });
    this.#select(index);
    const [x, y, width, height] = this.fields[index].box;
    const resizes = !element || event.target.matches('.form-corner');
    const move = (moved) => {
      const [mx, my] = this.#place(moved);
      this.fields[index].box = element && !resizes ? [Math.min(1 - width, Math.max(0, x + mx - x0)), Math.min(1 - height, Math.max(0, y + my - y0)), width, height]
        : element ? [x, y, Math.max(smallest, mx - x), Math.max(smallest, my - y)]
          : [Math.min(x0, mx), Math.min(y0, my), Math.abs(mx - x0), Math.abs(my - y0)];
      this.#draw();
    };
    const up = () => {
      window.removeEventListener('pointermove', move);
      window.removeEventListener('pointerup', up);
      const [, , w, h] = this.fields[index].box;
      if (w < smallest || h < smallest) return this.#remove(index);
      this.#show();
      this.changed();
      if (!element) byId('form-fields').children[index]?.querySelector('input').select();
    };
    window.addEventListener('pointermove', move);
    window.addEventListener('pointerup', up);
  }

  #freeName() {
    for (let number = this.fields.length + 1; ; ++number) {
      const name = `${translate('form_field')} ${number}`;
      if (!this.fields.some((field) => field.name === name)) return name;
    }
  }

  #select(index) {
    this.#selected = index;
    this.#show();
  }

  #remove(index) {
    if (index < 0 || index >= this.fields.length) return;
    this.fields.splice(index, 1);
    this.#select(-1);
    this.changed();
  }

  #show() {
    this.#draw();
    byId('form-fields').replaceChildren(...this.fields.map((field, index) => this.#rowOf(field, index)));
  }

  #draw() {
    this.sheet.replaceChildren(...this.#image ? [this.#image] : [], ...this.fields.map((field, index) => {
      const element = document.createElement('div');
      element.className = 'form-field';
      element.classList.toggle('selected', index === this.#selected);
      ['left', 'top', 'width', 'height'].forEach((side, i) => { element.style[side] = `${100 * field.box[i]}%`; });
      element.append(Object.assign(document.createElement('span'), { textContent: field.name }),
        Object.assign(document.createElement('i'), { className: 'form-corner' }));
      return element;
    }));
    this.sheet.classList.toggle('pictured', Boolean(this.#image));
  }

  #rowOf(field, index) {
    const row = document.createElement('li');
    row.classList.toggle('selected', index === this.#selected);
    const name = Object.assign(document.createElement('input'), { value: field.name, maxLength: 60 });
    const kind = document.createElement('select');
    const rule = Object.assign(document.createElement('input'), { value: ruleText(field), className: 'rule' });
    const remove = Object.assign(document.createElement('button'), { type: 'button', textContent: '×', className: 'quiet' });
    for (const [element, label] of [[name, 'form_name'], [kind, 'form_kind'], [rule, 'form_rule'], [remove, 'form_remove']]) element.setAttribute('aria-label', translate(label));
    kind.append(...kinds.map((one) => Object.assign(document.createElement('option'), { value: one, textContent: translate(`kind_${one}`), selected: one === kindOf(field) })));
    const take = () => {
      const changed = withRule({ ...this.fields[index], name: name.value.trim() }, kind.value, rule.value);
      const taken = this.fields.some((other, i) => i !== index && other.name === name.value.trim());
      name.setCustomValidity(taken || !name.value.trim() ? translate('form_name_taken') : '');
      rule.setCustomValidity(changed ? '' : translate(`rule_${kind.value}`));
      if (!changed || !name.checkValidity()) return row.querySelector(':invalid')?.reportValidity();
      this.fields[index] = changed;
      this.#draw();
      this.changed();
    };
    kind.onchange = () => {
      rule.value = { date: 'DD.MM.YYYY', range: '0-100', isbn: '13', luhn: '', mod97: '' }[kind.value] ?? '1-10';
      take();
    };
    name.onchange = rule.onchange = take;
    row.addEventListener('focusin', () => {
      this.#selected = index;
      this.#draw();
    });
    remove.onclick = () => this.#remove(index);
    rule.placeholder = translate('form_rule');
    row.append(name, kind, rule, remove);
    return row;
  }
}
