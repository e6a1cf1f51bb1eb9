// The network as the page runs it (web/network.js) is held to what `scrawl export --onnx` makes of the same model, for each kind
// of layer (and to the core itself in recognizer.mjs); occlusion, and what a page refuses. usage: node network.mjs SCRAWL
import assert from 'node:assert';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { parseArchitecture } from '../../web/architecture.js';
import { Network } from '../../web/network.js';
import { marginOf, occlude, strongestOther } from '../../web/occlusion.js';
import { parseSafetensors } from '../../web/static/safetensors.js';

const [scrawl] = process.argv.slice(2);
const onnxruntime = createRequire(join(process.env.NODE_PATH, 'x'))('onnxruntime-node');
const root = new URL('../..', import.meta.url).pathname;
const scratch = mkdtempSync(join(tmpdir(), 'scrawl-network-'));
after(() => rmSync(scratch, { recursive: true }));

const bound = 1e-4;  // of logits, of up to 20

/** The same numbers each time, 0 to 1. */
function randomly(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A .safetensors file. `tensors`: {name: Float32Array}. */
function safetensors(metadata, tensors) {
  let at = 0;
  const header = { __metadata__: metadata };
  for (const [name, { shape, values }] of Object.entries(tensors)) header[name] = { dtype: 'F32', shape, data_offsets: [at, at += 4 * values.length] };
  let text = JSON.stringify(header);
  text += ' '.repeat((64 - (8 + text.length) % 64) % 64);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, Buffer.from(text), ...Object.values(tensors).map(({ values }) => Buffer.from(values.buffer))]);
}

const shapes = {
  dense: (layer) => [layer.outputs, layer.weights.weight[1] / layer.outputs],
  conv: ({ outputs, in: { channels }, kernel }) => [outputs, channels, kernel, kernel],
};

/** A model with random weights. */
function makeModel(architecture, metadata = {}) {
  const random = randomly(architecture.length), tensors = {};
  for (const layer of parseArchitecture(architecture)) {
    for (const [part, [name, size]] of Object.entries(layer.weights)) {
      const shape = part === 'weight' && shapes[layer.kind] ? shapes[layer.kind](layer) : [size];
      const reach = part.startsWith('running_var') ? 1 : 3 / Math.sqrt(size / shape[0]);
      tensors[name] = { shape, values: Float32Array.from({ length: size }, () => reach * (part === 'running_var' ? .2 + random() : random() - .5)) };
    }
  }
  return safetensors({ 'scrawl.architecture': architecture, 'scrawl.normalization': '0.1307 0.3081', ...metadata }, tensors);
}

/** Glyphs of blots and lines, and a digit: 28x28 bytes each. */
function makeGlyphs() {
  const random = randomly(7);
  return Array.from({ length: 12 }, (_, n) => {
    const glyph = new Uint8Array(784);
    for (let line = 0; line < 1 + n % 3; ++line) {
      const [x, y, u, v] = Array.from({ length: 4 }, () => 4 + 20 * random());
      for (let t = 0; t <= 1; t += 1 / 64) {
        const at = 28 * Math.round(y + t * (v - y)) + Math.round(x + t * (u - x));
        for (const next of [0, 1, 28, 29]) glyph[at + next] = Math.max(glyph[at + next], 120 + 135 * random());
      }
    }
    return glyph;
  });
}

const glyphs = makeGlyphs();

/** The logits of each glyph, by the temperature, as onnxruntime computes them. */
async function byOnnx(model) {
  const file = join(scratch, 'model.safetensors'), graph = join(scratch, 'model.onnx');
  writeFileSync(file, model);
  execFileSync(scrawl, ['export', file, '--onnx', '--out', graph, '--quiet']);
  const session = await onnxruntime.InferenceSession.create(graph);
  const { logits } = await session.run({ glyphs: new onnxruntime.Tensor('uint8', Buffer.concat(glyphs), [glyphs.length, 28, 28]) });
  return glyphs.map((_, i) => logits.data.subarray(10 * i, 10 * i + 10));
}

const built_in = readFileSync(join(root, 'models/default.safetensors'));
const models = {
  'the built-in one': built_in,
  'dense layers, and a temperature': makeModel('dense 33, relu, dropout 0.3, dense 17, norm, tanh, dense 10', { 'scrawl.temperature': '1.7' }),
  'LeNet, with average-poolings': makeModel('conv 6 5, tanh, average-pool 2, conv 16 5 valid, tanh, average-pool 2, dense 120, tanh, dense 84, tanh, dense 10'),
  'strides, dilation, a residual and a pooling that leaves pixels out': makeModel('conv 16 3 stride 2, norm, relu, conv 16 3 dilation 2, max-pool 3, norm, relu, conv 16 3, norm, residual 2, relu, conv 9 2 valid stride 2, relu, dense 10'),
  'a convolution with a bias behind a max-pooling': makeModel('conv 8 4 valid stride 3, max-pool 2, relu, dense 12, relu, dense 10'),
};

for (const [name, model] of Object.entries(models)) {
  test(`as in ONNX: ${name}`, async () => {
    const network = new Network(parseSafetensors(model)), expected = await byOnnx(model);
    let most = 0, largest = 0;
    glyphs.forEach((glyph, i) => {
      const values = network.values(glyph);
      expected[i].forEach((logit, digit) => {
        most = Math.max(most, Math.abs(values.at(-1)[digit] / network.temperature - logit));
        largest = Math.max(largest, Math.abs(logit));
      });
      assert(Math.abs(network.probabilities(values).reduce((a, b) => a + b) - 1) < 1e-9);
    });
    console.log(`${name}: logits up to ${largest.toFixed(1)} differ by ${most.toExponential(1)} at most`);
    assert(most < bound, `logits differ by ${most}`);
  });
}

test('a tile speaks for as much as the answer loses without it, and paper for nothing', () => {
  const network = new Network(parseSafetensors(built_in)), glyph = glyphs[2], values = network.values(glyph);
  const digit = values.at(-1).indexOf(Math.max(...values.at(-1))), rival = strongestOther(values.at(-1), digit);
  const steps = occlude(network, glyph, digit, rival);
  let step = steps.next(), count = 0;
  for (; !step.done; step = steps.next()) ++count;
  const tiles = new Set([...glyph.keys()].filter((i) => glyph[i]).map((i) => 7 * Math.floor(i / 112) + Math.floor(i % 28 / 4)));
  assert.equal(count, tiles.size);
  const [tile] = tiles, without = Uint8Array.from(glyph, (ink, i) => (7 * Math.floor(i / 112) + Math.floor(i % 28 / 4) === tile ? 0 : ink));
  const lost = marginOf(network, values, digit, rival) - marginOf(network, network.values(without), digit, rival);
  const inside = 112 * Math.floor(tile / 7) + 4 * (tile % 7);
  assert(Math.abs(step.value[inside] - lost) < 1e-5, `${step.value[inside]}, expected ${lost}`);
  glyph.forEach((ink, i) => { if (!tiles.has(7 * Math.floor(i / 112) + Math.floor(i % 28 / 4))) assert.equal(step.value[i], 0); });
});

test('what is no model is refused in words', () => {
  const refused = (bytes, words) => assert.throws(() => new Network(parseSafetensors(bytes)), words);
  refused(Buffer.from('x'), /no safetensors file/);
  refused(Buffer.alloc(4000, 1), /no safetensors file/);
  refused(built_in.subarray(0, 100), /no safetensors file/);
  refused(built_in.subarray(0, 1e6), /cut short|bytes/);
  refused(safetensors({ other: 'x' }, { a: { shape: [2], values: new Float32Array(2) } }), (error) => error.code === 'no_model');
  refused(readFileSync(join(root, 'models/page_reader.safetensors')), /another input than a glyph/);
  refused(safetensors({ 'scrawl.architecture': 'dense 10' }, {}), /has no fc1.weight/);
  refused(safetensors({ 'scrawl.architecture': 'dense 10' }, { 'fc1.weight': { shape: [10, 5], values: new Float32Array(50) } }), /fc1.weight has 50 numbers, expected 7840/);
  refused(makeModel('dense 10', { 'scrawl.temperature': '0' }), /scrawl.temperature is '0'/);
  for (const [architecture, words] of [['dense 7', /expected 'dense 10'/], ['conv 8 40 valid, dense 10', /side is 40, expected 1 to 28/], ['dense 70000, dense 10', /outputs is 70000/], ['attention 3, dense 10', /unknown/],
    ['max-pool 20, max-pool 20, dense 10', /does not fit/], ['dense 12, residual 5, dense 10', /another shape/], ['conv 1024 1, conv 1024 1, conv 1024 1 stride 1 stride 0, dense 10', /side is 0/], ['relu, '.repeat(200) + 'dense 10', /201 layers/]]) {
    refused(safetensors({ 'scrawl.architecture': architecture }, {}), words);
  }
  const nan = parseSafetensors(built_in);
  nan.tensors.get('fc1.bias')[3] = NaN;
  assert.throws(() => new Network(nan), /fc1.bias has numbers that are not finite/);
});
