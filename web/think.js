// Shows a network while it thinks of a digit: the way from ink to glyph, what each layer makes of it, the ten outputs, and which
// parts of the ink speak for the answer. The network is the one that reads, or a file that someone has dropped.
import { thinker } from './files.js';
import { bytesOf } from './glyph.js';
import { drawStrokes } from './ink.js';
import { watchers } from './job.js';
import { layOut, paintMosaic, pictureAt } from './mosaic.js';
import { boxOf, fitTo, lastDigit, previewGlyph } from './preview_glyph.js';
import { modelFile } from './server.js';
import { confidenceText, onLanguage, percent, translate } from './words.js';

const byId = (id) => document.getElementById(id);
const side = 28;
const tallest = 96;  // CSS pixels of a layer's pictures
const night = '#171b2b', faint = 'rgb(255 255 255 / .35)', ink = '#fff', speaks_for = [143, 163, 255], speaks_against = [255, 157, 92];

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

export class Think {
  #worker = null;
  #stages = null;  // of the network that it has
  #tops = [];  // the largest value of each stage so far: one scale for all glyphs, so that nothing flickers
  #maps = [];  // of the last thought: {bytes, top} of each stage
  #places = [];  // how each stage's pictures are laid out
  #busy = false;
  #next = null;  // the glyph that is to be thought of when the worker is free
  #id = 0;
  #seen = null;  // {digits, scale}: the last answer
  #at = 0;  // which of its digits
  #asked = null;  // the digit that someone asks about; null: whatever it takes it for
  #now = null;  // {glyph, box}: what it thinks of, the box on the paper
  #frame = 0;
  #pointed = null;  // {stage, map}

  /** `sheet()` tells what is on the paper: {strokes, picture, drawing}. `opened()` is called when the view has come or gone. */
  constructor(sheet, opened) {
    Object.assign(this, { sheet, opened });
    this.panel = byId('think');
    byId('open-think').onclick = () => (this.panel.hidden ? this.open() : this.close());
    byId('close-think').onclick = () => this.close();
    byId('choose-model').onclick = () => byId('model-file').click();
    byId('model-file').onchange = ({ target }) => {
      if (target.files[0]) this.take(target.files[0]);
      target.value = '';
    };
    byId('own-model').onclick = () => this.#useReader();
    byId('trained-model').onclick = () => this.#useTrained();
    watchers.push((job) => this.#watch(job));
    this.panel.addEventListener('keydown', (event) => { if (event.key.startsWith('Arrow')) event.stopPropagation(); });
    this.outputs = Array.from({ length: 10 }, (_, digit) => this.#makeOutput(digit));
    byId('think-outputs').append(...this.outputs);
    new ResizeObserver(() => this.#arrange()).observe(byId('think-layers'));
    onLanguage(() => this.#describe());
  }

  get isOpen() { return !this.panel.hidden; }

  open() {
    this.panel.hidden = false;
    byId('open-think').setAttribute('aria-expanded', 'true');
    document.body.classList.add('thinking');
    if (!this.source) this.#useReader();
    this.opened();
    this.#look();
  }

  close() {
    this.panel.hidden = true;
    byId('open-think').setAttribute('aria-expanded', 'false');
    document.body.classList.remove('thinking');
    this.#hideKernel();
    this.opened();
    byId('open-think').focus();
  }

  // ---- The network

  /** The network that reads, as it is now. */
  async #useReader() {
    this.#choose({ words: 'think_reader' });
    await this.#load(() => modelFile());
  }

  /** The network in training; a newer one whenever there is one. */
  async #useTrained() {
    this.#choose({ words: 'think_trained', training: true });
    await this.#load(() => modelFile('v1/training/model'));
  }

  #watch(job) {
    const { model, history } = job.kind === 'training' ? job : { history: [] };
    const newer = history.length !== (this.trained?.epoch ?? 0) || job.running !== this.trained?.running;
    this.trained = history.length ? { model, epoch: history.length, running: job.running } : null;
    this.#choose(this.source);
    if (this.source?.training && this.trained && newer && this.isOpen) this.#useTrained();
  }

  /** Which network it is: `source`, {words, file, training}; null for none yet. */
  #choose(source) {
    this.source = source;
    byId('own-model').hidden = !source?.file && !source?.training;
    byId('trained-model').hidden = !this.trained || Boolean(source?.training);
  }

  /** A file that someone has dropped or chosen. */
  async take(file) {
    this.#choose({ words: 'think_file', file: file.name });
    if (!this.isOpen) this.open();
    await this.#load(() => file.arrayBuffer());
  }

  /** The network that reads is another one. */
  changed() {
    if (this.source?.words === 'think_reader') this.#useReader();
  }

  async #load(bytes) {
    this.#worker?.terminate();
    const worker = this.#worker = new Worker(thinker, { type: 'module' });
    this.#busy = true;  // until it has the network
    worker.onmessage = ({ data }) => { if (worker === this.#worker) this.#hear(data); };
    worker.onerror = (event) => this.#fail(event.message ?? 'the worker has ended');
    if (!this.#stages) this.#say('think_loading');
    try {
      const model = new Uint8Array(await bytes());
      if (worker === this.#worker) worker.postMessage({ model }, [model.buffer]);
    } catch (error) {
      if (worker === this.#worker) this.#fail(error.message, error.status === 409 ? 'think_not_yet' : error.code);
    }
  }

  #fail(error, code) {
    this.#stages = null;
    byId('think-body').hidden = true;
    this.#say(code === 'no_model' ? 'think_no_model' : code ?? 'failed', { error, file: this.source.file ?? '' });
  }

  /** One line on the network: which it is, or what is wrong with it. */
  #say(name, things = {}) {
    this.said = { name, things };
    byId('think-model').textContent = translate(name, things);
  }

  #hear(data) {
    if (data.error !== undefined) return this.#fail(data.error, data.code);
    if (data.stages) return this.#start(data.stages);
    if (data.kernel) return this.#showKernel(data.kernel);
    if (data.parts) return this.#showParts(data);
    this.#busy = false;
    this.#showThought(data);
    this.#ask();
  }

  #start(stages) {
    this.#busy = false;
    const known = JSON.stringify(stages) === JSON.stringify(this.#stages);  // a newer one of the same training
    this.#stages = stages;
    this.#tops = stages.map(() => 0);
    this.#maps = [];
    if (!known) this.#makeCanvases();
    byId('think-body').hidden = false;
    this.#say(this.source.words, { ...this.trained, file: this.source.file });
    this.#arrange();
    this.#describe();
    this.#look();
  }

  #makeCanvases() {
    const stages = this.#stages;
    this.canvases = stages.slice(0, -1).map((_, stage) => this.#makeCanvas(stage));
    byId('think-layers').replaceChildren(...this.canvases.map((canvas) => element('li', {}, element('p', { className: 'muted' }), canvas)));
  }

  // ---- What it thinks of

  /** The page has an answer, null for none; `scale` is pixels of the picture that was sent for one of the paper. */
  read(answer, scale) {
    this.#seen = answer?.digits.length ? { digits: answer.digits, scale } : null;
    if (this.isOpen && !this.sheet().drawing) this.#look();
  }

  /** The pen has moved. */
  moved() {
    if (!this.isOpen || this.#frame) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      const { strokes, drawing } = this.sheet();
      if (!drawing) return;
      const own = lastDigit(strokes);
      this.#asked = null;
      this.#think(previewGlyph(own).glyph, boxOf(own));
    });
  }

  /** Thinks of the chosen digit of the answer. */
  #look() {
    const seen = this.#seen;
    byId('think-nothing').hidden = Boolean(seen);
    byId('think-things').hidden = !seen;
    this.#showChoice();
    if (!seen) return;
    const { box, glyph } = seen.digits[this.#at], { scale } = seen;
    this.#think(bytesOf(glyph), { x: box.x / scale, y: box.y / scale, width: box.width / scale, height: box.height / scale });
  }

  /** A button for each digit that was read; the one that was written last is chosen. */
  #showChoice() {
    const digits = this.#seen?.digits ?? [], holder = byId('think-digits');
    const glyphs = digits.map(({ glyph }) => glyph).join();
    if (holder.dataset.glyphs !== glyphs) {
      holder.dataset.glyphs = glyphs;
      this.#at = this.#nearest(digits);
      this.#asked = null;
      holder.replaceChildren(...digits.map(({ digit }, i) => {
        const radio = element('input', { type: 'radio', name: 'think-digit', checked: i === this.#at });
        radio.onchange = () => { this.#at = i; this.#asked = null; this.#look(); };
        return element('label', {}, radio, element('span', { textContent: digit }));
      }));
    }
    byId('think-choice').hidden = digits.length < 2;
  }

  /** Which of an answer's digits the last stroke is in. */
  #nearest(digits) {
    const { strokes, picture } = this.sheet();
    if (picture || !strokes.length) return 0;
    const { x, y } = strokes.at(-1).points.at(-1), { scale } = this.#seen ?? { scale: 1 };
    const distance = ({ box }) => Math.hypot(x * scale - box.x - box.width / 2, y * scale - box.y - box.height / 2);
    return digits.reduce((best, digit, i) => (distance(digit) < distance(digits[best]) ? i : best), 0);
  }

  #think(glyph, box) {
    byId('think-nothing').hidden = true;
    byId('think-things').hidden = false;
    this.#now = { glyph, box };
    this.#next = { id: ++this.#id, glyph, digit: this.#asked };
    this.began = performance.now();
    this.#paintPath();
    this.#ask();
  }

  #ask() {
    if (this.#busy || !this.#next || !this.#stages) return;
    this.#busy = true;
    this.#worker.postMessage(this.#next);
    this.#next = null;
  }

  // ---- From ink to glyph

  #paintPath() {
    const { glyph, box } = this.#now, { strokes, picture } = this.sheet();
    const paint = (context) => {
      if (picture?.bitmap) context.drawImage(picture.bitmap, 0, 0, picture.width, picture.height);
      else if (!picture) drawStrokes(context, strokes, ink);
    };
    const longer = Math.max(box.width, box.height, 1), fit = fitTo(box, strokes[0]?.width ?? longer);
    const room = side / (1.3 * longer);
    this.#paintInk(byId('path-box'), box, room, (side - box.width * room) / 2, (side - box.height * room) / 2, paint, [box.width * room, box.height * room]);
    this.#paintInk(byId('path-scaled'), box, fit.scale, fit.x, fit.y, paint, [20, 20], true);
    paintGray(byId('path-glyph'), glyph);
    drawCross(byId('path-glyph'));
  }

  /** The ink with the corner of its box at (x, y) of the 28x28 field, and a frame in the middle; `alone`: without what is around the box. */
  #paintInk(canvas, box, scale, x, y, paint, [width, height], alone = false) {
    const context = canvas.getContext('2d'), fine = canvas.width / side;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = night;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.save();
    context.setTransform(fine * scale, 0, 0, fine * scale, fine * (x - box.x * scale), fine * (y - box.y * scale));
    if (alone) {
      context.beginPath();
      context.rect(box.x, box.y, box.width, box.height);
      context.clip();
    }
    paint(context);
    context.restore();
    context.strokeStyle = faint;
    context.strokeRect(fine * (side - width) / 2, fine * (side - height) / 2, fine * width, fine * height);
  }

  // ---- What came of it

  #showThought({ id, probabilities, digit, maps, ms }) {
    this.#maps = maps;
    maps.forEach(({ top }, stage) => { this.#tops[stage] = Math.max(this.#tops[stage], top); });
    maps.forEach((_, stage) => this.#paintStage(stage));
    this.#showOutputs(probabilities, digit);
    if (this.#pointed) this.#askKernel();
    Object.assign(document.body.dataset, { thought: (performance.now() - this.began).toFixed(1), thoughts: Number(document.body.dataset.thoughts ?? 0) + 1, thinking: ms.toFixed(1), thoughtId: id });
  }

  #paintStage(stage) {
    const maps = this.#maps[stage];
    if (!maps || !this.#places[stage]) return;
    paintMosaic(this.canvases[stage], this.#stages[stage], this.#places[stage], maps.bytes, this.#shareOf(stage));
  }

  /** How strong a value of a stage is shown, -1 to 1: by its square root, so that weak ones are seen too. */
  #shareOf(stage) {
    const share = this.#maps[stage].top / (this.#tops[stage] || 1) / 127;
    return (value) => Math.sign(value) * Math.sqrt(Math.abs(value) * share);
  }

  /** Lays the stages' pictures out anew, where there is another width. */
  #arrange() {
    const width = byId('think-layers').clientWidth;
    if (!this.#stages || width === 0) return;
    this.#places = this.#stages.slice(0, -1).map((stage) => layOut(stage, width, tallest));
    this.#stages.slice(0, -1).forEach((_, stage) => this.#paintStage(stage));
  }

  #makeOutput(digit) {
    const radio = element('input', { type: 'radio', name: 'think-output', className: 'unseen' });
    radio.onchange = () => { this.#asked = digit; this.#look(); };
    return element('label', { className: 'bar' }, radio, element('i'), element('span', { textContent: digit }));
  }

  #showOutputs(probabilities, digit) {
    const most = probabilities.indexOf(Math.max(...probabilities));
    this.outputs.forEach((output, i) => {
      output.children[1].style.transform = `scaleY(${Math.max(probabilities[i], 0.015)})`;
      output.classList.toggle('most', i === most);
      output.classList.toggle('asked', i === digit);
      output.firstChild.checked = i === digit;
      output.firstChild.setAttribute('aria-label', `${i}: ${percent(probabilities[i], 1)}`);
      output.title = percent(probabilities[i], 1);
    });
  }

  #showParts({ id, glyph, parts, ...answer }) {
    const most = parts.reduce((top, part) => Math.max(top, Math.abs(part)), 0) || 1;
    const canvas = byId('think-why'), image = new ImageData(side, side);
    glyph.forEach((level, i) => {
      const color = parts[i] < 0 ? speaks_against : speaks_for, share = Math.sqrt(Math.abs(parts[i]) / most), shown = level / 255 * (.25 + .75 * share);
      const mixed = color.map((channel) => 255 + share * (channel - 255));
      image.data.set([23 + shown * (mixed[0] - 23), 27 + shown * (mixed[1] - 27), 43 + shown * (mixed[2] - 43), 255], 4 * i);
    });
    canvas.getContext('2d').putImageData(image, 0, 0);
    this.explained = { parts, ...answer };
    document.body.dataset.explained = id;
    this.#describe();
  }

  // ---- Kernels

  #makeCanvas(stage) {
    const canvas = element('canvas', { className: 'maps', tabIndex: 0 });
    canvas.setAttribute('role', 'slider');
    canvas.setAttribute('aria-valuemin', 1);
    const point = (map) => {
      if (map < 0) return this.#hideKernel();
      this.#pointed = { stage, map };
      canvas.setAttribute('aria-valuenow', map + 1);
      this.#askKernel();
    };
    canvas.onpointermove = canvas.onpointerdown = (event) => point(pictureAt(canvas, this.#stages[stage], this.#places[stage], event));
    canvas.onpointerleave = canvas.onblur = () => this.#hideKernel();
    canvas.onfocus = () => { if (canvas.matches(':focus-visible')) point(Number(canvas.getAttribute('aria-valuenow') ?? 1) - 1); };
    canvas.onkeydown = (event) => {
      const { columns } = this.#places[stage], { channels } = this.#stages[stage];
      const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, Home: -channels, End: channels }[event.key];
      if (!step) return;
      event.preventDefault();
      point(Math.max(0, Math.min(channels - 1, (this.#pointed?.map ?? 0) + step)));
    };
    return canvas;
  }

  #askKernel() {
    this.#worker.postMessage({ kernel: this.#pointed });
  }

  #showKernel({ stage, map, values, ...shape }) {
    if (stage !== this.#pointed?.stage || map !== this.#pointed?.map) return;
    const card = byId('think-kernel'), [large, kernels, words] = card.children, { height, width, channels, text } = this.#stages[stage];
    const maps = this.#maps[stage], canvas = this.canvases[stage], size = height * width;
    if (maps) {
      const own = maps.bytes.subarray(map * size, (map + 1) * size);
      paintMosaic(large, { channels: 1, height, width }, { columns: 1, rows: 1, scale: 84 / Math.max(height, width) }, own, this.#shareOf(stage));
    }
    const top = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
    paintMosaic(kernels, shape, layOut(shape, 200, 120), values, (value) => value / top);
    const strongest = maps ? maps.bytes.subarray(map * size, (map + 1) * size).reduce((most, value) => Math.max(most, value), 0) * maps.top / 127 : 0;
    words.textContent = translate('think_kernel', { at: map + 1, of: channels, kernels: shape.channels, height: shape.height, width: shape.width, strongest: strongest.toFixed(1) });
    canvas.setAttribute('aria-valuetext', `${words.textContent} ${text}`);
    card.hidden = false;
    this.#placeKernel(card, canvas, stage, map);
  }

  /** Below the map, or above it, inside the panel. */
  #placeKernel(card, canvas, stage, map) {
    const panel = this.panel.getBoundingClientRect(), box = canvas.getBoundingClientRect(), { columns, scale } = this.#places[stage], { height, width } = this.#stages[stage];
    const left = box.left + (map % columns) * (width + 1) * scale, top = box.top + Math.floor(map / columns) * (height + 1) * scale;
    const below = top + height * scale + 8;
    card.style.left = `${Math.max(8, Math.min(left, window.innerWidth - card.offsetWidth - 8))}px`;
    card.style.top = `${below + card.offsetHeight <= Math.min(window.innerHeight, panel.bottom) ? below : Math.max(8, top - card.offsetHeight - 8)}px`;
  }

  #hideKernel() {
    this.#pointed = null;
    byId('think-kernel').hidden = true;
  }

  // ---- In words

  /** All that is said, in the page's language. */
  #describe() {
    if (this.said) this.#say(this.said.name, this.said.things);
    this.#stages?.slice(0, -1).forEach(({ text, channels, height, width }, stage) => {
      this.canvases[stage].previousSibling.textContent = translate(height * width > 1 ? 'think_maps' : 'think_values', { text, channels, height, width });
      this.canvases[stage].setAttribute('aria-label', this.canvases[stage].previousSibling.textContent);
      this.canvases[stage].setAttribute('aria-valuemax', channels);
    });
    if (!this.explained) return;
    const { parts, digit, rival, probability } = this.explained;
    const spoke = (sign) => placeOf(parts.map((part) => Math.max(0, sign * part)));
    const about = { digit, rival, percent: confidenceText(probability) };
    byId('think-asks').textContent = translate('think_asks', about);
    const words = [spoke(1) && translate('think_for', { ...about, place: translate(spoke(1)) }), spoke(-1) && translate('think_against', { ...about, place: translate(spoke(-1)) })];
    byId('think-where').textContent = words.filter(Boolean).join(' ');
    byId('think-why').setAttribute('aria-label', `${byId('think-asks').textContent} ${byId('think-where').textContent}`);
  }
}

/** In which ninth of the field most of something is: the name of a text; null where there is nothing. */
function placeOf(parts) {
  const ninths = Array(9).fill(0);
  parts.forEach((part, i) => { ninths[3 * Math.floor(Math.floor(i / side) / side * 3) + Math.floor(i % side / side * 3)] += part; });
  const most = Math.max(...ninths);
  return most > 0 ? `place_${ninths.indexOf(most)}` : null;
}

function paintGray(canvas, glyph) {
  const small = new ImageData(side, side);
  glyph.forEach((level, i) => { small.data.set([23 + level * 232 / 255, 27 + level * 228 / 255, 43 + level * 212 / 255, 255], 4 * i); });
  canvas.small ??= Object.assign(document.createElement('canvas'), { width: side, height: side });
  canvas.small.getContext('2d').putImageData(small, 0, 0);
  const context = canvas.getContext('2d');
  context.imageSmoothingEnabled = false;
  context.drawImage(canvas.small, 0, 0, canvas.width, canvas.height);
}

/** Where the centre of mass is: the middle of the field, at pixel 14. */
function drawCross(canvas) {
  const context = canvas.getContext('2d'), middle = 14.5 * canvas.width / side, arm = canvas.width / 12;
  context.strokeStyle = '#ffd166';
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(middle - arm, middle);
  context.lineTo(middle + arm, middle);
  context.moveTo(middle, middle - arm);
  context.lineTo(middle, middle + arm);
  context.stroke();
}
