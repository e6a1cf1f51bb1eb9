// How well the page without a server learns a hand from five corrected glyphs, and what it forgets: for each odd way to write a
// digit five samples are learned, and a hundred others read, before and after; and so are test images of MNIST.
// usage: node bench/learning-in-the-browser.mjs [IMAGES [SAMPLES [SEED [ONLY]]]]      ONLY: part of the names of ways
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Network } from '../web/network.js';
import { randomOf, write } from '../web/static/drawn_digits.js';
import { learnLastLayer } from '../web/static/last_layer.js';
import { parseSafetensors } from '../web/static/safetensors.js';

const root = new URL('..', import.meta.url).pathname;
const [images = 2000, samples = 5, seed = 1] = process.argv.slice(2, 5).map(Number), only = process.argv[5] ?? '';
const mnist = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'scrawl/mnist');
const glyphs = readFileSync(join(mnist, 't10k-images-idx3-ubyte')).subarray(16), labels = readFileSync(join(mnist, 't10k-labels-idx1-ubyte')).subarray(8);
const network = new Network(parseSafetensors(readFileSync(join(root, 'models/default.safetensors'))));

// As in bench/personalization.cpp: points on a grid of 7x9, each two digits, x and y; ~: bent, else with corners.
const styles = {
  '7 with a bar and a curl': [7, '~1302104060534437285867 2454'], '1 as a caret with a foot': [1, '053065 0868'], '4 mirrored': [4, '206505 2028'], '9 like a g': [9, '~52301103245352 ~5256483818072655'],
  '2 with a large loop': [2, '~0230521607043668'], '0 with a slash': [0, '~4020020618386652403010 6008'], '5 like a V': [5, '003860'], '3 like an E, mirrored': [3, '00606808 6424'],
  '6 like a G': [6, '~61401003061848675534 3464'], '8 like an ampersand': [8, '~68241230422406184864'], '1 like a T': [1, '0060 3038'],
  // MNIST's test images, turned by so many degrees, or with each row shifted along a sine and slanted.
  '4 of MNIST, turned by 60 degrees': [4, { turn: 60 }], '2 of MNIST, turned by -50 degrees': [2, { turn: -50 }], '5 of MNIST, in waves': [5, { slant: -.5, wave: 3 }],
};

function strokesOf(text) {
  return text.split(' ').map((stroke) => {
    const points = stroke.replace('~', '').match(/../g).map(([x, y]) => `${Math.round(x / .06)} ${Math.round(y / .08)}`);
    return (stroke[0] === '~' ? points : points.flatMap((point) => [point, point])).join(' ');
  });
}

function changed(glyph, { turn = 0, slant = 0, wave = 0 }) {
  const angle = turn * Math.PI / 180, middle = 13.5, at = (x, y) => (x >= 0 && x < 28 && y >= 0 && y < 28 ? glyph[28 * y + x] : 0);
  return Uint8Array.from({ length: 784 }, (_, i) => {
    const v = Math.floor(i / 28) - middle, u = i % 28 - middle + slant * v + wave * Math.sin(.7 * v);
    const x = middle + u * Math.cos(angle) + v * Math.sin(angle), y = middle - u * Math.sin(angle) + v * Math.cos(angle);
    const left = Math.floor(x), top = Math.floor(y), right = x - left, below = y - top;
    return Math.round((1 - below) * ((1 - right) * at(left, top) + right * at(left + 1, top)) + below * ((1 - right) * at(left, top + 1) + right * at(left + 1, top + 1)));
  });
}

/** `count` glyphs of a way to write a digit. */
function writeAll([digit, how], count, random) {
  if (typeof how === 'string') return Array.from({ length: count }, () => write(strokesOf(how), random));
  const own = [...labels.keys()].filter((i) => labels[i] === digit), from = Math.floor(random() * (own.length - count));
  return own.slice(from, from + count).map((i) => changed(glyphs.subarray(784 * i, 784 * (i + 1)), how));
}

/** What the last layer is given, and the logits, once for all that is learned. */
const looked = (glyph) => network.values(glyph).slice(-2);
const { channels, height, width } = network.layers.at(-1).in;

/** Share of [[values, logits], digit] that are read correctly, with `change` of the last layer's weights. */
function accuracy(examples, change = null) {
  const pixels = height * width;
  return examples.filter(([[values, logits], digit]) => {
    const changed = Array.from(logits, (logit, j) => {
      let sum = logit;
      if (change) for (let i = 0; i < values.length; ++i) if (values[i] !== 0) sum += values[i] * change[j * values.length + i % channels * pixels + Math.floor(i / channels)];
      return sum;
    });
    return changed.indexOf(Math.max(...changed)) === digit;
  }).length / examples.length;
}

const percent = (share, digits = 1) => (100 * share).toFixed(digits);
const test = Array.from({ length: images }, (_, i) => [looked(glyphs.subarray(784 * i, 784 * (i + 1))), labels[i]]);
const before = accuracy(test);
console.log(`${samples} samples of each; ${images} test images of MNIST, ${percent(before, 2)} % read before\n| written | others like it before, % | after | MNIST, points | wall s | CPU s | |\n|---|---|---|---|---|---|---|`);
const rows = [];
for (const [name, style] of Object.entries(styles).filter(([way]) => way.includes(only))) {
  const [digit] = style, random = randomOf(1000 * seed + rows.length), written = writeAll(style, samples + 100, random);
  const others = written.slice(samples).map((glyph) => [looked(glyph), digit]);
  const begin = performance.now(), cpu = process.cpuUsage();
  const { change, kept, reason_code } = await learnLastLayer(network, written.slice(0, samples).map((glyph) => ({ glyph, digit })));
  const wall = (performance.now() - begin) / 1000, used = process.cpuUsage(cpu);
  const row = [accuracy(others), accuracy(others, change), accuracy(test, change) - before, wall, (used.user + used.system) / 1e6];
  rows.push(row);
  console.log(`| ${name} | ${percent(row[0])} | ${percent(row[1])} | ${percent(row[2], 2)} | ${row[3].toFixed(1)} | ${row[4].toFixed(1)} | ${kept ? 'kept' : reason_code} |`);
}
const mean = (column) => rows.reduce((sum, row) => sum + row[column], 0) / rows.length;
console.log(`| mean | ${percent(mean(0))} | ${percent(mean(1))} | ${percent(mean(2), 2)} | ${mean(3).toFixed(1)} | ${mean(4).toFixed(1)} | |`);
