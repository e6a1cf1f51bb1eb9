// The first seconds: until someone has written here once, a hand that is not there writes a number, which is read; and
// pictures stand on the empty sheet to be tried.
import { remember, remembered } from './remember.js';
import { samples } from './samples.js';
import { translate } from './words.js';

const byId = (id) => document.getElementById(id);
const speed = 900;  // CSS pixels of the pen's way in a second

// 4 and 2 in a unit square each, x to the right, y down.
const four = [[[.56, 0], [.38, .26], [.19, .48], [0, .66], [.4, .65], [1, .63]], [[.72, .36], [.72, .68], [.7, 1]]];
const two = [[[.02, .2], [.1, .08], [.27, 0], [.5, .01], [.76, .08], [.86, .22], [.82, .38], [.66, .55], [.36, .78], [.08, .98], [.4, .96], [.98, .97]]];

/** The strokes of 42 on a sheet: in its upper part, where the hint leaves room. */
function exampleFor({ width, height }, penWidth) {
  const side = Math.min(height * 0.34, width * 0.3), left = width / 2 - side * 0.72, top = height * 0.16;
  return [[four, 0], [two, side * 0.84]].flatMap(([strokes, x]) => strokes.map((points) => ({
    width: penWidth, pressed: false, points: points.map(([px, py]) => ({ x: left + x + px * side * 0.6, y: top + py * side, pressure: 0.5 })) })));
}

/** As much of the strokes as the pen has written on its way of `length`. */
function begun(strokes, length) {
  const written = [];
  let left = length;
  for (const stroke of strokes) {
    const points = [stroke.points[0]];
    for (const [i, to] of stroke.points.slice(1).entries()) {
      const from = stroke.points[i], step = Math.hypot(to.x - from.x, to.y - from.y), part = Math.min(1, left / step);
      if (part > 0) points.push({ ...to, x: from.x + part * (to.x - from.x), y: from.y + part * (to.y - from.y) });
      left -= step;
      if (left <= 0) return [...written, { ...stroke, points }];
    }
    written.push({ ...stroke, points });
  }
  return written;
}

export class Welcome {
  #timer = 0;

  /** `written()` when the example stands on the paper, to be read; `gone()` when it does not any more; `chosen(file)` a sample picture. */
  constructor(paper, { written, gone, chosen }) {
    Object.assign(this, { paper, written, gone });
    byId('samples').append(...samples.map((sample) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.dataset.label = 'sample';
      button.title = translate('sample');
      button.setAttribute('aria-label', translate('sample'));
      button.append(Object.assign(document.createElement('img'), { src: sample, alt: '', draggable: false }));
      button.onclick = async () => {
        const blob = await (await fetch(sample)).blob();
        chosen(new File([blob], sample.startsWith('data:') ? '' : sample, { type: blob.type }));
      };
      return button;
    }));
  }

  get isShown() { return this.paper.example.length > 0; }

  /** On an empty sheet, unless someone has written here before. */
  start() {
    if (remembered('wrote')) return;
    const strokes = exampleFor(this.paper, this.paper.penWidth);
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return this.#show(strokes, Infinity);
    const began = performance.now() + 600;
    const step = () => {
      const written = (performance.now() - began) / 1000 * speed;
      if (this.#show(strokes, written)) return;
      this.#timer = requestAnimationFrame(step);
    };
    step();
  }

  /** Whether all of it is there. */
  #show(strokes, length) {
    this.paper.example = length <= 0 ? [] : begun(strokes, length);
    this.paper.paintSoon();
    const done = this.paper.example.length === strokes.length && this.paper.example.at(-1).points.length === strokes.at(-1).points.length;
    const end = done && this.paper.example.at(-1).points.at(-1).x === strokes.at(-1).points.at(-1).x;
    if (end) this.written();
    return end;
  }

  /** Someone writes, or shows a picture. */
  end() {
    cancelAnimationFrame(this.#timer);
    remember('wrote', 'yes');
    if (!this.isShown) return;
    this.paper.example = [];
    this.gone();
  }
}
