// What was read: the number in large, a card for each digit with its glyph and probabilities, and boxes on the sheet.
import { paintGlyph } from './glyph.js';
import { translate, confidenceText } from './words.js';

function element(name, className, ...children) {
  const made = document.createElement(name);
  made.className = className;
  made.append(...children);
  return made;
}

function makeCard() {
  const bars = Array.from({ length: 10 }, (_, digit) => element('span', 'bar', element('i', ''), String(digit)));
  const card = element('button', 'digit', element('canvas', 'glyph'), element('b', ''), element('small', ''), element('span', 'bars', ...bars));
  card.type = 'button';
  return card;
}

const makeBox = () => element('div', 'box', element('span', ''));

/** As many children as there are items, those that are there used again, so that nothing flickers. */
function match(parent, count, make) {
  while (parent.children.length > count) parent.lastChild.remove();
  while (parent.children.length < count) parent.append(make());
  return [...parent.children];
}

/** What someone has said of a digit: {digit}, or nothing. */
function toldOf(digit, corrections) {
  return corrections.get(digit?.glyph) ?? (digit?.said === undefined ? undefined : { digit: digit.said });
}

/** The text with the digits that someone has corrected put in: [{text, corrected}], one for each character. */
export function correctedText(text, digits, corrections) {
  let at = 0;
  return [...text].map((character) => {
    if (/\s/.test(character)) return { text: character };
    const told = toldOf(digits[at++], corrections);
    return told ? { text: String(told.digit), corrected: true } : { text: character };
  });
}

const smallest = 16;  // CSS pixels of the number

export class View {
  #selected = -1;
  answer = null;

  /** `picked(index, element)` when a digit is to be corrected. */
  constructor(picked) {
    this.reading = document.getElementById('reading');
    this.cards = document.getElementById('digits');
    this.boxes = document.getElementById('boxes');
    this.cards.addEventListener('click', (event) => {
      const card = event.target.closest('.digit');
      if (!card) return;
      this.select([...this.cards.children].indexOf(card));
      picked(this.#selected, card);
    });
    this.cards.addEventListener('focusin', (event) => this.select([...this.cards.children].indexOf(event.target)));
  }

  /** The digit whose box or name is at (x, y) on the sheet, -1 if none is. */
  at(x, y) {
    return [...this.boxes.children].findIndex((box) => {
      const left = box.offsetLeft, top = box.offsetTop - box.firstChild.offsetHeight;
      return x >= left && x <= left + box.offsetWidth && y >= top && y <= box.offsetTop + box.offsetHeight;
    });
  }

  box(index) { return this.boxes.children[index]; }

  get selected() { return this.#selected; }

  /** `place` takes a digit's box to CSS pixels of the sheet; `refused` are boxes in these, of what is no digit. */
  show(answer, corrections, place, refused = []) {
    const { digits } = answer;
    this.answer = answer;
    const letters = correctedText(answer.text, digits, corrections);
    this.reading.replaceChildren(...letters.map(({ text, corrected }) => corrected ? element('em', '', text) : text));
    const longest = Math.max(...answer.text.split('\n').map((line) => line.length));
    this.reading.dataset.size = longest > 12 || answer.text.split('\n').length > 2 ? 'small' : longest > 6 ? 'middle' : 'large';
    this.#fit();
    this.cards.dataset.count = Math.min(digits.length, 3);
    this.cards.dataset.many = digits.length > 6;
    match(this.cards, digits.length, makeCard).forEach((card, i) => this.#fill(card, digits[i], toldOf(digits[i], corrections), i));
    match(this.boxes, digits.length + refused.length, makeBox).forEach((box, i) => {
      const digit = digits[i];
      box.hidden = digit && !digit.box;
      if (box.hidden) return;
      const { x, y, width, height } = digit ? place(digit.box) : refused[i - digits.length];
      Object.assign(box.style, { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` });
      box.firstChild.textContent = digit ? toldOf(digit, corrections)?.digit ?? digit.digit : '?';
      box.classList.toggle('small', height < 48);
      box.classList.toggle('low-confidence', Boolean(digit) && digit.confidence < 0.8);
      box.classList.toggle('refused', !digit);
      box.classList.toggle('at-top', y < 36);
      box.firstChild.style.top = y < 36 ? `${Math.max(-2, 7 - y)}px` : '';
    });
    this.select(Math.min(this.#selected, digits.length - 1));
  }

  /** A number stands in one line, however long: as large as there is room for, and what is too long even then is scrolled. */
  #fit() {
    this.reading.style.fontSize = '';
    const { scrollWidth, clientWidth } = this.reading;
    if (scrollWidth <= clientWidth) return;
    const size = parseFloat(getComputedStyle(this.reading).fontSize);
    this.reading.style.fontSize = `${Math.max(smallest, Math.floor(size * clientWidth / scrollWidth))}px`;
  }

  clear() {
    this.show({ text: '', digits: [] }, new Map(), () => null);
  }

  #fill(card, digit, told, at) {
    const [glyph, name, confidence, bars] = card.children;
    if (digit.glyph) paintGlyph(glyph, digit.glyph);
    else glyph.width = 28;  // it was typed, not written
    name.textContent = told?.digit ?? digit.digit;
    confidence.textContent = told ? translate('you_say', told) : confidenceText(digit.confidence);
    card.classList.toggle('told', Boolean(told));
    card.classList.toggle('low-confidence', digit.confidence < 0.8);
    digit.probabilities.forEach((probability, i) => {
      bars.children[i].firstChild.style.transform = `scaleY(${Math.max(probability, 0.015)})`;
      bars.children[i].classList.toggle('most', i === digit.digit);
    });
    const place = { at: at + 1, of: this.answer.digits.length };
    card.setAttribute('aria-label', told ? translate('digit_label_told', { digit: told.digit, ...place }) : translate('digit_label', { digit: digit.digit, percent: confidenceText(digit.confidence), ...place }));
  }

  /** Marks a digit, -1 for none. One card alone is a stop of the tab key. */
  select(index) {
    this.#selected = index;
    [...this.cards.children].forEach((card, i) => {
      card.classList.toggle('selected', i === index);
      card.tabIndex = i === Math.max(index, 0) ? 0 : -1;
    });
    [...this.boxes.children].forEach((box, i) => box.classList.toggle('selected', i === index));
  }

  /** To the neighbor of the selected digit. */
  step(by) {
    const count = this.cards.children.length;
    if (count === 0) return;
    const index = this.#selected < 0 ? (by > 0 ? 0 : count - 1) : (this.#selected + by + count) % count;
    this.cards.children[index].focus();
    this.select(index);  // it may have had the focus already
  }
}
