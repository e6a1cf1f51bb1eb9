// Which parts of a glyph speak for its digit? The page takes tiles of 4x4 pixels away (web/occlusion.js). What two kinds of
// gradients would tell of that: for each of some test images, the correlation over its tiles between what the answer loses
// without a tile and what the gradient gives to the tile's pixels; its mean over the images.
// usage: node bench/attribution.mjs [IMAGES [MODEL]]
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Network } from '../web/network.js';
import { marginOf, occlude, strongestOther } from '../web/occlusion.js';
import { parseSafetensors } from '../web/static/safetensors.js';

const root = new URL('..', import.meta.url).pathname;
const [count = '20', model = join(root, 'models/default.safetensors')] = process.argv.slice(2);
const mnist = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'scrawl/mnist');
const glyphs = readFileSync(join(mnist, 't10k-images-idx3-ubyte')).subarray(16);
const network = new Network(parseSafetensors(readFileSync(model)));

/** Of the margin, by each pixel with ink, times that ink: by differences, since the page needs no gradients. */
function gradientTimesInk(glyph, share, margin) {
  const faded = Float64Array.from(glyph, (ink) => share * ink), step = 0.5;
  return Float64Array.from(glyph, (ink, i) => {
    if (ink === 0) return 0;
    const at = (by) => margin(Float64Array.from(faded, (level, j) => (j === i ? level + by : level)));
    return ink * (at(step) - at(-step)) / (2 * step);
  });
}

function correlation(a, b) {
  const mean = (x) => x.reduce((sum, value) => sum + value, 0) / x.length, [ma, mb] = [mean(a), mean(b)];
  const sum = (f) => a.reduce((total, _, i) => total + f(a[i] - ma, b[i] - mb), 0);
  return sum((x, y) => x * y) / Math.sqrt(sum((x) => x * x) * sum((_, y) => y * y));
}

const steps = 8;  // from paper to the glyph, of integrated gradients (Sundararajan et al. 2017)
const ways = {
  'gradient times ink': (glyph, margin) => gradientTimesInk(glyph, 1, margin),
  [`integrated gradients, ${steps} steps`]: (glyph, margin) => {
    const all = Array.from({ length: steps }, (_, i) => gradientTimesInk(glyph, (i + .5) / steps, margin));
    return all[0].map((_, i) => all.reduce((sum, parts) => sum + parts[i], 0) / steps);
  },
};

const found = Object.fromEntries(Object.keys(ways).map((way) => [way, []]));
for (let i = 0; i < Number(count); ++i) {
  const glyph = glyphs.subarray(784 * i, 784 * (i + 1)), logits = network.values(glyph).at(-1);
  const digit = logits.indexOf(Math.max(...logits)), rival = strongestOther(logits, digit);
  const margin = (of) => marginOf(network, network.values(of), digit, rival);
  const taking = occlude(network, glyph, digit, rival);
  let last = taking.next();
  while (!last.done) last = taking.next();
  const tileOf = (pixel) => 7 * Math.floor(pixel / 112) + Math.floor(pixel % 28 / 4);
  const tiles = [...new Set([...glyph.keys()].filter((pixel) => glyph[pixel]).map(tileOf))];
  const lost = tiles.map((tile) => last.value[112 * Math.floor(tile / 7) + 4 * (tile % 7)]);
  for (const [way, partsOf] of Object.entries(ways)) {
    const sums = Array(49).fill(0);
    partsOf(glyph, margin).forEach((part, pixel) => { sums[tileOf(pixel)] += part; });
    found[way].push(correlation(tiles.map((tile) => sums[tile]), lost));
  }
}
for (const [way, all] of Object.entries(found)) console.log(`${way}: ${(all.reduce((a, b) => a + b) / all.length).toFixed(2)} in the mean of ${all.length} images`);
