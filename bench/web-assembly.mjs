// What the page without a server loses by its small models: test accuracy as WebAssembly in Node, with the weights of the
// built-in model in bytes, and as they are in models/. usage: node bench/web-assembly.mjs [DIST [IMAGES]]  (scripts/build-page makes DIST)
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Recognizer } from '../web/static/recognizer.js';

const root = new URL('..', import.meta.url).pathname;
const [dist = join(root, 'dist'), count = '10000'] = process.argv.slice(2);
const mnist = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'scrawl/mnist');
const glyphs = readFileSync(join(mnist, 't10k-images-idx3-ubyte')).subarray(16), labels = readFileSync(join(mnist, 't10k-labels-idx1-ubyte')).subarray(8);
const packed = (name) => gunzipSync(readFileSync(join(dist, `${name}.gz`)));
const model = (name) => readFileSync(join(root, 'models', name));
const wasm = packed('scrawl.wasm');

const answers = (probabilities) => probabilities.indexOf(Math.max(...probabilities));
const readers = {
  'weights in bytes': await Recognizer.load(wasm, packed('digits.safetensors'), packed('pages.safetensors')),
  'weights as floats': await Recognizer.load(wasm, model('default.safetensors'), model('page_reader.safetensors')),
};
const said = Object.fromEntries(Object.entries(readers).map(([name, reader]) => {
  const begin = performance.now();
  const all = Array.from({ length: Number(count) }, (_, i) => reader.classify(glyphs.subarray(784 * i, 784 * (i + 1))));
  const right = all.filter((probabilities, i) => answers(probabilities) === labels[i]).length;
  console.log(`${name}: ${(100 * right / all.length).toFixed(2)} % of ${all.length} test images, ${Math.round(1000 * all.length / (performance.now() - begin))} glyphs a second`);
  return [name, all];
}));
const [small, large] = Object.values(said);
const distances = small.map((probabilities, i) => Math.max(...probabilities.map((p, digit) => Math.abs(p - large[i][digit])))).sort((a, b) => a - b);
console.log(`another answer: ${small.filter((p, i) => answers(p) !== answers(large[i])).length}; probabilities differ by ${distances[distances.length >> 1].toFixed(5)} in the median, ${distances.at(-1).toFixed(3)} at most`);
