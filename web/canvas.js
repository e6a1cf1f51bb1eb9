// The sheet of paper: takes strokes from mouse, finger or pen, paints them, and makes the picture that is sent.
import { addPoint, drawStrokes, reach } from './ink.js';

const longest_sent = 640;  // pixels: the network sees 28x28 of each digit, so that more would only take longer

const isTap = ({ points }) => points.every(({ x, y }) => Math.hypot(x - points[0].x, y - points[0].y) < 5);

export class Paper {
  #stroke = null;  // under the pen
  #pointer = null;  // its id
  #pressed = -1;  // the digit on which the pen came down
  #penSeen = -Infinity;  // when; hands rest on the glass beside a pen
  #frame = 0;
  #sent = document.createElement('canvas').getContext('2d', { willReadFrequently: true, alpha: false });
  width = 1; height = 1;  // CSS pixels of the canvas
  scale = 1;  // CSS pixels for one of the paper: below 1 when what was drawn on a larger sheet must fit
  origin = { x: 0, y: 0 };  // of a picture within the canvas
  penWidth = 14;

  /**
   * What others do: `moved(time)` whenever the ink changes under the pen, `lifted(time)` when the pen has left, `at(x, y)`
   * tells which digit is there (-1: none), `tapped(index)` takes a tap on one.
   */
  constructor(canvas, history, { moved, lifted, at, tapped }) {
    Object.assign(this, { canvas, history, moved, lifted, at, tapped });
    this.context = canvas.getContext('2d');
    canvas.addEventListener('pointerdown', (event) => this.#down(event));
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
    if (this.#stroke || palm || event.button !== 0) return;
    event.preventDefault();
    this.#pressed = this.#digitAt(event);
    if (this.history.sheet.picture) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.#pointer = event.pointerId;
    this.#stroke = { width: this.penWidth / this.scale, pressed: event.pointerType === 'pen' && event.pressure > 0, points: [] };
    this.#take([event]);
  }

  #move(event) {
    if (event.pointerId !== this.#pointer) return;
    if (event.pointerType === 'pen') this.#penSeen = event.timeStamp;
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
    if (!added) return;
    this.paintSoon();
    this.moved(events.at(-1).timeStamp);
  }

  #up(event, canceled = false) {
    const stroke = this.#stroke, pressed = this.#pressed;
    if (stroke && event.pointerId !== this.#pointer) return;
    // A tap on a digit is about that digit; anything else is ink.
    const tapped = !canceled && pressed >= 0 && (stroke ? isTap(stroke) : this.#digitAt(event) === pressed);
    this.#pressed = -1;
    if (tapped) setTimeout(() => this.tapped(pressed));  // after the click, which would close what opens
    if (!stroke) return;
    this.#stroke = this.#pointer = null;
    // A canceled finger was a gesture of the system's unless it has drawn something by then.
    if (!tapped && (!canceled || stroke.points.length > 4)) this.history.add(stroke);
    this.paintSoon();
    this.lifted(event.timeStamp);
  }

  /** The digit at a place in the window. */
  #digitAt({ clientX, clientY }) {
    const box = this.canvas.getBoundingClientRect();
    return this.at(clientX - box.left, clientY - box.top);
  }

  /** Gives up the stroke under the pen, for instance because all is cleared. */
  drop() {
    this.#stroke = this.#pointer = null;
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
    drawStrokes(context, this.strokes, getComputedStyle(this.canvas).color);
  }

  /** Dark ink on white whatever the colors of the page: {canvas, scale}, `scale` in pixels for one of the paper. The next one is on the same canvas. */
  snapshot() {
    const paper = { width: this.width / this.scale, height: this.height / this.scale };
    const scale = Math.min(1, longest_sent / Math.max(paper.width, paper.height));
    const context = this.#sent;
    context.canvas.width = Math.ceil(paper.width * scale);  // clears it too
    context.canvas.height = Math.ceil(paper.height * scale);
    context.fillStyle = '#fff';
    context.fillRect(0, 0, context.canvas.width, context.canvas.height);
    context.setTransform(scale, 0, 0, scale, 0, 0);
    drawStrokes(context, this.strokes, '#000');
    return { scale, canvas: context.canvas };
  }

  /** A box in pixels of what was sent -> CSS pixels of the canvas. */
  place(box, sentScale) {
    const scale = this.scale / sentScale;
    return { x: this.origin.x + box.x * scale, y: this.origin.y + box.y * scale, width: box.width * scale, height: box.height * scale };
  }
}
