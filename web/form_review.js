// Doubtful fields side by side: each is confirmed or corrected by a key or a few, and the next one is there at once.
import { translate } from './words.js';

const byId = (id) => document.getElementById(id);

/** Digits in the shape of a text that has other signs between them: "24122026" as "24.12.2026". */
function shaped(digits, text) {
  const places = text.replace(/\D/g, '').length;
  if (places !== digits.length) return digits;
  let at = 0;
  return text.replace(/\d/g, () => digits[at++]);
}

export class Review {
  #items = [];  // {field, file}
  #at = 0;
  #typed = null;  // digits that replace those that were read; null: nothing was typed

  /** `changed()` when the review ends. */
  constructor(corrections, changed) {
    this.corrections = corrections;
    this.dialog = byId('review');
    this.cards = byId('review-cards');
    this.dialog.addEventListener('keydown', (event) => this.#key(event));
    this.dialog.addEventListener('close', changed);
    this.cards.addEventListener('click', (event) => {
      const card = event.target.closest('.review-card');
      if (card) this.#go([...this.cards.children].indexOf(card));
    });
  }

  /** The doubtful and wrong fields of all rows; fields of one name are together, so that they are alike. */
  open(rows) {
    this.#items = rows.flatMap((row) => (row.fields ?? []).map((field, column) => ({ field, column, file: row.file })))
      .filter(({ field }) => field.state === 'doubtful' || field.state === 'wrong')
      .sort((a, b) => a.column - b.column);
    this.cards.replaceChildren(...this.#items.map((item) => this.#cardOf(item)));
    this.dialog.showModal();
    this.#go(0);
  }

  #cardOf({ field, file }) {
    const card = document.createElement('li');
    card.className = 'review-card';
    card.append(Object.assign(new Image(), { src: `data:image/png;base64,${field.picture}`, alt: '' }),
      document.createElement('b'),
      Object.assign(document.createElement('small'), { textContent: `${field.name} · ${file}` }),
      Object.assign(document.createElement('small'), { className: 'reason', textContent: field.reason ?? '' }));
    return card;
  }

  #go(index) {
    this.#typed = null;
    this.#at = Math.min(Math.max(0, index), this.#items.length);
    this.#show();
    this.cards.children[this.#at]?.scrollIntoView({ block: 'nearest' });
  }

  #show() {
    [...this.cards.children].forEach((card, index) => {
      const { field } = this.#items[index];
      const now = index === this.#at;
      card.classList.toggle('now', now);
      card.classList.toggle('checked', field.state === 'checked');
      card.querySelector('b').textContent = (now && this.#typed !== null ? this.#typed + '_' : field.text) || translate('state_blank');
    });
    const left = this.#items.filter(({ field }) => field.state !== 'checked').length;
    byId('review-left').textContent = left === 0 ? translate('review_done') : translate('review_left', { count: left });
  }

  #key(event) {
    const item = this.#items[this.#at];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^[0-9]$/.test(event.key) && item) this.#type(item, (this.#typed ?? '') + event.key);
    else if (event.key === 'Enter' && item) this.#confirm(item);
    else if (event.key === 'Enter') this.dialog.close();
    else if (event.key === 'Backspace' && item) this.#type(item, (this.#typed ?? item.field.text.replace(/\D/g, '')).slice(0, -1));
    else if (event.key === 'Delete' && item) this.#end(item, '');
    else if (event.key === 'ArrowRight' || event.key === 'ArrowDown') this.#go(Math.min(this.#at + 1, this.#items.length - 1));
    else if (event.key === 'ArrowLeft' || event.key === 'ArrowUp') this.#go(this.#at - 1);
    else return;
    event.preventDefault();
  }

  #type(item, digits) {
    this.#typed = digits.slice(0, 40);
    this.#show();
  }

  #confirm(item) {
    this.#end(item, this.#typed ?? item.field.text.replace(/\D/g, ''));
  }

  /** It is `digits`, whoever has read it. What the network took for something else can be learned. */
  #end({ field }, digits) {
    if (digits.length === field.digits.length) {
      field.digits.forEach((read, i) => { if (read.digit !== Number(digits[i])) this.corrections.tell(read, Number(digits[i])); });
    }
    field.text = shaped(digits, field.text);
    field.state = 'checked';
    field.confidence = 1;
    const next = this.#items.findIndex((item, index) => index > this.#at && item.field.state !== 'checked');
    this.#go(next < 0 ? this.#items.length : next);
  }
}
