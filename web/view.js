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

/** The text with the digits that someone has corrected put in: [{text, corrected}], one for each character. */
export function correctedText(text, digits, corrections) {
  let at = 0;
  return [...text].map((character) => {
    if (/\s/.test(character)) return { text: character };
    const told = corrections.get(digits[at++]?.glyph);
    return told ? { text: String(told.digit), corrected: true } : { text: character };
  });
}

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

  /** `place` takes a digit's box to CSS pixels of the sheet. */
  show(answer, corrections, place) {
    const { digits } = answer;
    this.answer = answer;
    const letters = correctedText(answer.text, digits, corrections);
    this.reading.replaceChildren(...letters.map(({ text, corrected }) => corrected ? element('em', '', text) : text));
    const longest = Math.max(...answer.text.split('\n').map((line) => line.length));
    this.reading.dataset.size = longest > 12 || answer.text.split('\n').length > 2 ? 'small' : longest > 6 ? 'middle' : 'large';
    this.cards.dataset.count = Math.min(digits.length, 3);
    this.cards.dataset.many = digits.length > 6;
    match(this.cards, digits.length, makeCard).forEach((card, i) => this.#fill(card, digits[i], corrections.get(digits[i].glyph), i));
    match(this.boxes, digits.length, makeBox).forEach((box, i) => {
      const { x, y, width, height } = place(digits[i].box);
      Object.assign(box.style, { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` });
      box.firstChild.textContent = corrections.get(digits[i].glyph)?.digit ?? digits[i].digit;
      box.classList.toggle('small', height < 48);
      box.classList.toggle('low-confidence', digits[i].confidence < 0.8);
    });
    this.select(Math.min(this.#selected, digits.length - 1));
  }

  clear() {
    this.show({ text: '', digits: [] }, new Map(), () => null);
  }

  #fill(card, digit, told, at) {
    const [glyph, name, confidence, bars] = card.children;
    paintGlyph(glyph, digit.glyph);
    name.textContent = told?.digit ?? digit.digit;
    confidence.textContent = told ? translate('you_say', told) : confidenceText(digit.confidence);
    card.classList.toggle('told', Boolean(told));
    card.classList.toggle('low-confidence', digit.confidence < 0.8);
    digit.probabilities.forEach((probability, i) => {
      bars.children[i].firstChild.style.transform = `scaleY(${Math.max(probability, 0.015)})`;
      bars.children[i].classList.toggle('most', i === digit.digit);
    });
    card.setAttribute('aria-label', translate('digit_label', { digit: told?.digit ?? digit.digit, percent: confidenceText(digit.confidence), at: at + 1, of: this.answer.digits.length }));
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
  }
}
