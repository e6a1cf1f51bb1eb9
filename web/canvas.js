// The sheet of paper: takes strokes from mouse, finger or pen, paints them, and makes the picture that is sent.
import { union } from './edits.js';
import { addPoint, boxesOfClusters, boxOf, drawStrokes, reach } from './ink.js';

const longest_sent = 640;  // pixels of the whole sheet: the network sees 28x28 of each digit, so that more would only take longer
const high_enough = 40;  // pixels sent of a digit's height: where most are higher by a step, fewer pixels are enough
const step = 2 ** .25;  // from size to size
const air_sent = 16;  // pixels around the ink; the network sees cells of 4, which have to stay where they are when the ink grows
const longest_part = 320;  // of one digit

const cellBefore = (pixels) => Math.floor(pixels / air_sent) * air_sent;

const isTap = ({ points }) => points.every(({ x, y }) => Math.hypot(x - points[0].x, y - points[0].y) < 5);

export class Paper {
  #stroke = null;  // under the pen
  #pointer = null;  // its id
  #fingers = new Set();  // ids of pointers on the sheet
  #pressed = -1;  // the digit on which the pen came down
  #penSeen = -Infinity;  // when; hands rest on the glass beside a pen
  #frame = 0;
  #frameBox = null;  // that is being drawn around something: from and to, in CSS pixels of the canvas
  #sent = document.createElement('canvas').getContext('2d', { willReadFrequently: true, alpha: false });
  width = 1; height = 1;  // CSS pixels of the canvas
  scale = 1;  // CSS pixels for one of the paper: below 1 when what was drawn on a larger sheet must fit
  origin = { x: 0, y: 0 };  // of a picture within the canvas
  penWidth = 14;
  example = [];  // strokes that are shown while the sheet is empty
  boxing = false;  // the pen draws a box around something; on pictures it always does

  /**
   * What others do: `moved(time)` whenever the ink changes under the pen, `lifted(time)` when the pen has left, `at(x, y)`
   * tells which digit is there (-1: none), `tapped(index)` takes a tap on one, `boxed(box)` a box on the paper.
   */
  constructor(canvas, history, { moved, lifted, at, tapped, boxed }) {
    Object.assign(this, { canvas, history, moved, lifted, at, tapped, boxed });
    this.context = canvas.getContext('2d');
    canvas.addEventListener('pointerdown', (event) => this.#down(event));
    // A stroke may begin beside the sheet: the mouse is pressed there, on nothing that can be pressed.
    let beside = false;
    document.addEventListener('pointerdown', ({ target }) => { beside = target !== canvas && !target.closest('button, input, label, a, dialog, .answer, .reading'); });
    canvas.addEventListener('pointerenter', (event) => { if (beside && event.buttons === 1 && event.pointerType !== 'touch') this.#begin(event); });
    for (const end of ['pointerup', 'pointercancel']) document.addEventListener(end, ({ pointerId }) => this.#fingers.delete(pointerId));
    canvas.addEventListener('pointermove', (event) => this.#move(event));
    canvas.addEventListener('pointerup', (event) => this.#up(event));
    canvas.addEventListener('pointercancel', (event) => this.#up(event, true));
    // A finger's tap is told by its pointer events: the click is lost when it comes soon after a stroke.
    canvas.addEventListener('touchend', (event) => { if (event.cancelable) event.preventDefault(); });
    canvas.addEventListener('contextmenu', (event) => event.preventDefault());
  }

  get drawing() { return this.#stroke !== null; }
  get strokes() { return this.#stroke ? [...this.history.sheet.strokes, this.#stroke] : this.history.sheet.strokes; }

  #down(event) {
    if (event.pointerType === 'pen') this.#penSeen = event.timeStamp;
    const palm = event.pointerType === 'touch' && event.timeStamp - this.#penSeen < 2000;
    if (event.pointerType === 'touch' && !palm) this.#fingers.add(event.pointerId);
    if (this.#fingers.size > 1) return this.#pinch(event);
    if (this.#pointer !== null || palm || event.button !== 0) return;
    event.preventDefault();
    this.#begin(event);
  }

  /** Two fingers zoom the page, and what the first one has drawn by then was no stroke. */
  #pinch(event) {
    if (this.#pointer === null) return;
    this.drop();
    this.paintSoon();
    this.moved(event.timeStamp);
  }

  #begin(event) {
    this.#pressed = this.#digitAt(event);
    this.canvas.setPointerCapture(event.pointerId);
    this.#pointer = event.pointerId;
    if (this.history.sheet.picture || this.boxing) {
      const at = this.#placeOf(event);
      this.#frameBox = { from: at, to: at };
      return;
    }
    this.#stroke = { width: this.penWidth / this.scale, pressed: event.pointerType === 'pen' && event.pressure > 0, points: [] };
    this.#take([event]);
  }

  #move(event) {
    if (event.pointerId !== this.#pointer) return;
    if (event.pointerType === 'pen') this.#penSeen = event.timeStamp;
    if (this.#frameBox) {
      this.#frameBox.to = this.#placeOf(event);
      return this.paintSoon();
    }
    const all = event.getCoalescedEvents?.() ?? [];
    this.#take(all.length ? all : [event]);
  }

  #take(events) {
    const box = this.canvas.getBoundingClientRect();
    const within = (value, most) => Math.min(Math.max(value, 0), most) / this.scale;
    let added = false;
    for (const event of events) {
      added = addPoint(this.#stroke, within(event.clientX - box.left, this.width), within(event.clientY - box.top, this.height), event.pressure) || added;
    }
    if (!added || this.#pressed >= 0 && isTap(this.#stroke)) return;  // what may be a tap on a digit is no ink yet
    this.paintSoon();
    this.moved(events.at(-1).timeStamp);
  }

  #up(event, canceled = false) {
    const stroke = this.#stroke, pressed = this.#pressed;
    if (event.pointerId !== this.#pointer) return;
    if (this.#frameBox) return this.#endBox(event, canceled);
    // A tap on a digit is about that digit; anything else is ink.
    const tapped = !canceled && pressed >= 0 && isTap(stroke);
    this.#pressed = -1;
    this.#stroke = this.#pointer = null;
    if (tapped) return setTimeout(() => this.tapped(pressed));  // after the click, which would close what opens
    // A canceled finger was a gesture of the system's unless it has drawn something by then.
    if (!canceled || stroke.points.length > 4) this.history.add(stroke);
    this.paintSoon();
    this.lifted(event.timeStamp);
  }

  /** A box is around something, a tap on something. */
  #endBox(event, canceled) {
    const { from, to } = this.#frameBox, pressed = this.#pressed;
    this.drop();
    this.paintSoon();
    if (canceled) return;
    const toPaper = (value, origin) => (value - origin) / this.scale;
    const x = toPaper(Math.min(from.x, to.x), this.origin.x), y = toPaper(Math.min(from.y, to.y), this.origin.y);
    const width = Math.abs(from.x - to.x), height = Math.abs(from.y - to.y);
    if (width >= 6 && height >= 6) setTimeout(() => this.boxed({ x, y, width: width / this.scale, height: height / this.scale }));
    else if (pressed >= 0 && this.#digitAt(event) === pressed) setTimeout(() => this.tapped(pressed));
  }

  /** A place in the window, on the canvas: its CSS pixels. */
  #placeOf({ clientX, clientY }) {
    const box = this.canvas.getBoundingClientRect();
    const within = (value, most) => Math.min(Math.max(value, 0), most);
    return { x: within(clientX - box.left, this.width), y: within(clientY - box.top, this.height) };
  }

  #digitAt(event) {
    const { x, y } = this.#placeOf(event);
    return this.at(x, y);
  }

  /** Gives up what is under the pen, for instance because all is cleared. */
  drop() {
    this.#stroke = this.#pointer = this.#frameBox = null;
    this.#pressed = -1;
  }

  /** Fits canvas and scale to the room there is. */
  resize() {
    const { clientWidth, clientHeight } = this.canvas;
    if (clientWidth === 0) return;
    const density = Math.min(window.devicePixelRatio || 1, 3);
    this.width = clientWidth;
    this.height = clientHeight;
    this.canvas.width = Math.round(clientWidth * density);
    this.canvas.height = Math.round(clientHeight * density);
    this.density = density;
    this.fit();
    this.paint();
  }

  /** The scale at which the sheet is shown. */
  fit() {
    const { picture } = this.history.sheet;
    this.origin = { x: 0, y: 0 };
    if (picture) {
      const { width, height } = picture;
      this.scale = Math.min(this.width / width, this.height / height, 2);
      this.origin = { x: (this.width - width * this.scale) / 2, y: (this.height - height * this.scale) / 2 };
    } else if (!this.#stroke) {
      const { right, bottom } = reach(this.history.sheet.strokes);
      this.scale = Math.min(1, this.width / right || 1, this.height / bottom || 1);
    }
  }

  paintSoon() {
    if (this.#frame) return;
    this.#frame = requestAnimationFrame(() => this.paint());
  }

  paint() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const { context, density, scale, origin } = this;
    const { picture } = this.history.sheet;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.setTransform(density * scale, 0, 0, density * scale, density * origin.x, density * origin.y);
    if (picture?.bitmap) {
      context.imageSmoothingQuality = 'high';
      context.drawImage(picture.bitmap, 0, 0, picture.width, picture.height);
    }
    const { color, caretColor, accentColor } = getComputedStyle(this.canvas);
    if (this.strokes.length === 0 && !picture) drawStrokes(context, this.example, accentColor);
    drawStrokes(context, this.strokes, color);
    if (!this.#frameBox) return;
    const { from, to } = this.#frameBox;
    context.setTransform(density, 0, 0, density, 0, 0);
    context.strokeStyle = caretColor;
    context.lineWidth = 2;
    context.setLineDash([6, 4]);
    context.strokeRect(from.x, from.y, to.x - from.x, to.y - from.y);
    context.setLineDash([]);
  }

  /** A part of the paper by itself, with some air around it: {canvas, scale, origin}, `origin` where it begins on the paper. Null of a picture that the browser cannot show. */
  part(box) {
    const { picture, strokes } = this.history.sheet;
    if (picture && !picture.bitmap) return null;
    const air = picture ? 0 : 12;
    const scale = Math.min(1, longest_part / Math.max(box.width, box.height));
    const origin = { x: box.x - air, y: box.y - air };
    const canvas = document.createElement('canvas');
    canvas.width = Math.ceil((box.width + 2 * air) * scale);
    canvas.height = Math.ceil((box.height + 2 * air) * scale);
    const context = canvas.getContext('2d', { willReadFrequently: true, alpha: false });
    context.fillStyle = '#fff';
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.setTransform(scale, 0, 0, scale, -origin.x * scale, -origin.y * scale);
    context.beginPath();
    context.rect(box.x, box.y, box.width, box.height);
    context.clip();
    if (picture) context.drawImage(picture.bitmap, 0, 0, picture.width, picture.height);
    drawStrokes(context, strokes, '#000');
    return { canvas, scale, origin };
  }

  /**
   * Dark ink on white whatever the colors of the page, and nothing of the empty sheet around it: {canvas, scale, origin}, `scale` in
   * pixels for one of the paper, `origin` in these where it begins. The next one is on the same canvas.
   */
  snapshot(strokes = this.strokes) {
    const scale = this.#scaleFor(strokes);
    const ink = strokes.map(boxOf).reduce(union);
    const x = cellBefore(ink.x * scale - air_sent), y = cellBefore(ink.y * scale - air_sent);
    const context = this.#sent;
    context.canvas.width = cellBefore((ink.x + ink.width) * scale + 2 * air_sent) - x;  // clears it too
    context.canvas.height = cellBefore((ink.y + ink.height) * scale + 2 * air_sent) - y;
    context.fillStyle = '#fff';
    context.fillRect(0, 0, context.canvas.width, context.canvas.height);
    context.setTransform(scale, 0, 0, scale, -x, -y);
    drawStrokes(context, strokes, '#000');
    return { scale, canvas: context.canvas, origin: { x, y } };
  }

  /** It hardly ever changes while one writes, so that a digit's glyph stays the same. */
  #scaleFor(strokes) {
    const whole = Math.min(1, longest_sent * this.scale / Math.max(this.width, this.height));
    const heights = boxesOfClusters(strokes).map(({ width, height }) => Math.max(width, height)).sort((a, b) => a - b);
    const steps = Math.floor(Math.log(heights[heights.length >> 2] * whole / high_enough) / Math.log(step));
    return whole / step ** Math.max(0, steps);
  }

  /** A box in pixels of what was sent -> CSS pixels of the canvas. */
  place(box, sentScale) {
    const scale = this.scale / sentScale;
    return { x: this.origin.x + box.x * scale, y: this.origin.y + box.y * scale, width: box.width * scale, height: box.height * scale };
  }
}
