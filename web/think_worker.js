// Runs a network beside the page, for who looks at it think (think.js).
//   {model: bytes of a .safetensors file}   -> {stages} | {error, code}
//   {id, glyph: 28x28 bytes, digit | null}  -> {id, probabilities, digit, rival, maps, ms}, and later {id, glyph, parts, digit, rival, probability}
//   {kernel: {stage, map}}                  -> {kernel: {stage, map, values, channels, height, width}}
// Of glyphs that come faster than it thinks, the newest is next. Occlusion takes what time they leave.
import { Network } from './network.js';
import { occlude, strongestOther } from './occlusion.js';
import { parseSafetensors } from './safetensors.js';

let network = null;
let stages = [];  // a layer with weights and those behind it, up to the next: {from, to}, indices of layers
let newest = null;  // the glyph that is to be thought of next
let unexplained = null;  // the one whose parts are to be found next
let explaining = null;  // the same, with the `steps` of it: the one whose parts are being found
let running = false;

const hasWeights = ({ kind }) => kind === 'dense' || kind === 'conv';

function load(bytes) {
  network = new Network(parseSafetensors(bytes));
  const { layers } = network;
  const starts = layers.flatMap((layer, at) => (hasWeights(layer) ? [at] : []));
  stages = starts.map((from, i) => ({ from, to: (starts[i + 1] ?? layers.length) - 1 }));
  newest = unexplained = explaining = null;
  return stages.map(({ from, to }) => ({ text: layers.slice(from, to + 1).map(({ text }) => text).join(', '), ...layers[to].out }));
}

/** A stage's values as signed bytes, 127 the largest, map by map: (channels, height, width). */
function mapsOf({ to }, values) {
  const of = values[to + 1], { channels, height, width } = network.layers[to].out, pixels = height * width;
  const top = of.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const bytes = new Int8Array(of.length);
  for (let c = 0; c < channels; ++c) for (let p = 0; p < pixels; ++p) bytes[c * pixels + p] = Math.round(127 * of[p * channels + c] / (top || 1));
  return { bytes, top };
}

function think({ id, glyph, digit: asked }) {
  const begin = performance.now();
  const values = network.values(glyph), probabilities = network.probabilities(values);
  const digit = asked ?? probabilities.indexOf(Math.max(...probabilities)), rival = strongestOther(probabilities, digit);
  const maps = stages.slice(0, -1).map((stage) => mapsOf(stage, values));  // the last one's are the logits
  self.postMessage({ id, probabilities, digit, rival, maps, ms: performance.now() - begin }, maps.map(({ bytes }) => bytes.buffer));
  unexplained = { id, glyph, digit, rival, probability: probabilities[digit] };
}

/** One step of the occlusion that is under way, or of the next one. False where there is nothing to do. */
function explain() {
  if (!explaining && unexplained) {
    explaining = { ...unexplained, steps: occlude(network, unexplained.glyph, unexplained.digit, unexplained.rival) };
    unexplained = null;
  }
  if (!explaining) return false;
  const { done, value: parts } = explaining.steps.next();
  if (done) {
    const { id, glyph, digit, rival, probability } = explaining;
    explaining = null;
    self.postMessage({ id, glyph, parts, digit, rival, probability });
  }
  return true;
}

/** Lets messages in between. */
const breathe = () => new Promise((resolve) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => { port1.close(); resolve(); };
  port2.postMessage(null);
});

async function run() {
  if (running) return;
  running = true;
  while (newest || explaining || unexplained) {
    if (newest) {
      const glyph = newest;
      newest = null;
      think(glyph);
    } else {
      explain();
    }
    await breathe();
    if (newest) explain();  // it comes on while glyphs come all the time
  }
  running = false;
}

/** The weights of one of a stage's outputs. */
function kernelOf({ stage, map }) {
  const layer = network.layers[stages[stage].from], { in: { channels, height, width } } = layer;
  const [h, w] = layer.kind === 'conv' ? [layer.kernel, layer.kernel] : [height, width];
  const size = channels * h * w;
  return { stage, map, values: layer.tensors.weight.slice(map * size, (map + 1) * size), channels, height: h, width: w };
}

self.onmessage = ({ data }) => {
  if (data.model) {
    try {
      self.postMessage({ stages: load(data.model) });
    } catch (error) {
      network = null;
      self.postMessage({ error: error.message, code: error.code });
    }
  } else if (!network) {
    return;
  } else if (data.kernel) {
    self.postMessage({ kernel: kernelOf(data.kernel) });
  } else {
    newest = data;
    run();
  }
};
