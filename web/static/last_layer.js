// Learns a hand from a few corrected glyphs, in seconds: the last layer's weights alone, on what the layers before make of the
// glyphs.
//
// What changes is a ridge regression: the logits of the corrections, and of the same glyphs slightly turned, slanted and
// moved, are to change as far as it takes for the told digit to win by a margin; those of digits that the page draws itself
// (drawn_digits.js), and of scribbles, are not to change at all. There are fewer glyphs than features, so it is solved by
// the products of features with each other (kernel ridge regression): exactly, with no rate and no steps to choose.
import { drawDigits, drawScribbles, randomOf } from './drawn_digits.js';

const side = 28;
export const defaults = { replayed: 400, scribbles: 100, held_out: 200, variants: 8, margin: 3, keep: .01, give: .3 };
const largest_fall = .005;  // of the digits that are held out

/** The glyph turned, slanted, scaled and moved a little. */
function vary(glyph, random) {
  const about = (reach) => reach * (2 * random() - 1), middle = (side - 1) / 2;
  const turn = about(.17), slant = about(.15), scale = 1 + about(.08), dx = about(1), dy = about(1);
  const at = (x, y) => (x >= 0 && x < side && y >= 0 && y < side ? glyph[side * y + x] : 0);
  return Uint8Array.from({ length: side * side }, (_, i) => {
    const u = (i % side - middle) * scale + dx, v = (Math.floor(i / side) - middle) * scale + dy;
    const x = middle + u * Math.cos(turn) - v * Math.sin(turn) + slant * v, y = middle + u * Math.sin(turn) + v * Math.cos(turn);
    const left = Math.floor(x), top = Math.floor(y), right = x - left, below = y - top;
    return Math.round((1 - below) * ((1 - right) * at(left, top) + right * at(left + 1, top)) + below * ((1 - right) * at(left, top + 1) + right * at(left + 1, top + 1)));
  });
}

/** What the last layer is given for a glyph, as its weights lie (PyTorch's order), and the logits. */
function featuresOf(network, glyph) {
  const values = network.values(glyph), { channels, height, width } = network.layers.at(-1).in, pixels = height * width;
  const features = new Float32Array(channels * pixels), from = values.at(-2);
  for (let p = 0; p < pixels; ++p) for (let c = 0; c < channels; ++c) features[c * pixels + p] = from[p * channels + c];
  return { features, logits: values.at(-1) };
}

/** By how much each logit is to change, so that `digit` is `margin` above all others: half of the way by its own, the rest by those that are too high. */
function wantedChange(logits, digit, margin) {
  const others = logits.filter((_, j) => j !== digit), missing = Math.max(0, Math.max(...others) + margin - logits[digit]);
  const own = logits[digit] + missing / 2;
  return Array.from(logits, (logit, j) => (j === digit ? missing / 2 : Math.min(0, own - margin - logit)));
}

function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; ++i) sum += a[i] * b[i];
  return sum;
}

/** Solves A x = b for each column b, A (n, n) symmetric and positive: by Cholesky's L L^T, in its place. `columns`: arrays of n, solved in place. */
function solve(matrix, columns) {
  const n = matrix.length;
  for (let i = 0; i < n; ++i) for (let j = 0; j <= i; ++j) {
    let sum = matrix[i][j];
    for (let k = 0; k < j; ++k) sum -= matrix[i][k] * matrix[j][k];
    matrix[i][j] = i === j ? Math.sqrt(sum) : sum / matrix[j][j];
  }
  for (const column of columns) {
    for (let i = 0; i < n; ++i) {
      for (let k = 0; k < i; ++k) column[i] -= matrix[i][k] * column[k];
      column[i] /= matrix[i][i];
    }
    for (let i = n - 1; i >= 0; --i) {
      for (let k = i + 1; k < n; ++k) column[i] -= matrix[k][i] * column[k];
      column[i] /= matrix[i][i];
    }
  }
}

/** The change of the weights (10, features) that gives each example its `change` as far as its `slack` allows: [{features, change, slack}]. */
function ridge(examples) {
  const scale = examples.reduce((sum, { features }) => sum + dot(features, features), 0) / examples.length;
  const products = examples.map(({ features, slack }, i) => Float64Array.from({ length: i + 1 }, (_, j) => dot(features, examples[j].features) / scale + (i === j ? slack : 0)));
  const columns = Array.from({ length: 10 }, (_, digit) => Float64Array.from(examples, ({ change }) => change[digit]));
  solve(products, columns);
  const width = examples[0].features.length, weights = new Float32Array(10 * width);
  columns.forEach((column, digit) => {
    const row = weights.subarray(digit * width, (digit + 1) * width);
    examples.forEach(({ features }, i) => { for (let k = 0; k < width; ++k) row[k] += column[i] / scale * features[k]; });
  });
  return weights;
}

/** How many of the examples are read as what they are, with a share of the change. */
function accuracy(examples, weights, share) {
  if (examples.length === 0) return 1;
  return examples.filter(({ features, logits, digit }) => {
    const changed = Array.from(logits, (logit, j) => logit + share * dot(weights.subarray(j * features.length, (j + 1) * features.length), features));
    return changed.indexOf(Math.max(...changed)) === digit;
  }).length / examples.length;
}

/** How surely, in the mean: the logit of what they are, above the largest other. */
const sureness = (examples, weights, share) => examples.reduce((sum, { features, logits, digit }) => {
  const changed = Array.from(logits, (logit, j) => logit + share * dot(weights.subarray(j * features.length, (j + 1) * features.length), features));
  return sum + changed[digit] - Math.max(...changed.filter((_, j) => j !== digit));
}, 0) / examples.length;

/**
 * Learns corrections, [{glyph: 28x28 bytes, digit}]. `progress(0 to 1)` may wait, and stops it by returning false: then the
 * result is null. Else {change: of the last layer's weights (10, inputs), kept, reason_code, before, after: {collection,
 * drawn}: shares of glyphs that are read correctly, of the corrections and of drawn digits that were held out}.
 */
export async function learnLastLayer(network, corrections, progress = () => true, options = {}) {
  const { replayed, scribbles, held_out, variants, margin, keep, give } = { ...defaults, ...options };
  const random = randomOf(1), nothing = Array(10).fill(0);
  const drawn = drawDigits(replayed + held_out, 2), of_corrections = corrections.flatMap(({ glyph, digit }) => (
    [glyph, ...Array.from({ length: variants }, () => vary(glyph, random))].map((one, i) => ({ glyph: one, digit, own: i === 0 }))));
  const all = [...drawn.map((one) => ({ ...one, drawn: true })), ...drawScribbles(scribbles, 3).map((glyph) => ({ glyph })), ...of_corrections];
  const seen = [];
  for (const [i, example] of all.entries()) {
    if (i % 8 === 0 && await progress(.9 * i / all.length) === false) return null;
    seen.push({ ...example, ...featuresOf(network, example.glyph) });
  }
  const validation = seen.slice(replayed, replayed + held_out), own = seen.filter((example) => example.own);
  const change = ridge(seen.filter((_, i) => i < replayed || i >= replayed + held_out).map(({ features, logits, digit, drawn: is_drawn }) => (
    is_drawn || digit === undefined ? { features, change: nothing, slack: keep } : { features, change: wantedChange(logits, digit, margin), slack: give })));
  if (await progress(1) === false) return null;
  const score = (share) => ({ collection: accuracy(own, change, share), drawn: accuracy(validation, change, share) });
  return decide(score, (share) => sureness(own, change, share), change);
}

/** Whether all of the change is taken, half of it, or none: `score` and `surenessOf` are functions of the share that is taken. */
export function decide(score, surenessOf, change) {
  const before = score(0);
  let refused = null;
  for (const share of [1, .5]) {
    const after = score(share), better = after.collection > before.collection || (after.collection === before.collection && surenessOf(share) > surenessOf(0));
    const forgets = before.drawn - after.drawn >= largest_fall;
    const result = { before, after, kept: better && !forgets, reason_code: !better ? 'no_better' : forgets ? 'forgets_drawn' : 'better_drawn', change: change.map((value) => share * value) };
    if (result.kept) return result;
    refused ??= result;
  }
  return refused;
}
