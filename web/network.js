// A classifier of glyphs, layer by layer, with all values between: what the page shows of a network while it reads. It runs
// any network that scrawl trains. The core reads, and this one is held to it (tests/node/network.mjs).
import { parseArchitecture, sizeOf } from './architecture.js';

const norm_epsilon = 1e-5;

/**
 * Sums of rows of a matrix, each times a value: all that layers with weights do. Values that are 0 are left
 * out: behind a ReLU they are most.
 */
class Rows {
  #values = new Float64Array(1024);
  #starts = new Int32Array(1024);
  #count = 0;

  clear() { this.#count = 0; }

  /** `count` values from `from[at]` on, for the rows from `row` on, which are `width` wide. */
  add(from, at, count, row, width) {
    if (this.#count + count > this.#values.length) this.#grow(this.#count + count);
    let n = this.#count;
    for (let i = 0; i < count; ++i) {
      const value = from[at + i];
      if (value === 0) continue;
      this.#values[n] = value;
      this.#starts[n++] = (row + i) * width;
    }
    this.#count = n;
  }

  #grow(least) {
    const values = this.#values, starts = this.#starts;
    this.#values = new Float64Array(2 * least);
    this.#starts = new Int32Array(2 * least);
    this.#values.set(values);
    this.#starts.set(starts);
  }

  /** Adds the sum to `out`, from `at` on. */
  sum(matrix, width, out, at) {
    const values = this.#values, starts = this.#starts, count = this.#count;
    let j = 0;
    for (; j + 8 <= width; j += 8) {  // eight sums at a time stay in registers
      let a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0;
      for (let i = 0; i < count; ++i) {
        const value = values[i], from = starts[i] + j;
        a += value * matrix[from];
        b += value * matrix[from + 1];
        c += value * matrix[from + 2];
        d += value * matrix[from + 3];
        e += value * matrix[from + 4];
        f += value * matrix[from + 5];
        g += value * matrix[from + 6];
        h += value * matrix[from + 7];
      }
      const to = at + j;
      out[to] += a; out[to + 1] += b; out[to + 2] += c; out[to + 3] += d;
      out[to + 4] += e; out[to + 5] += f; out[to + 6] += g; out[to + 7] += h;
    }
    for (; j < width; ++j) {
      let sum = 0;
      for (let i = 0; i < count; ++i) sum += values[i] * matrix[starts[i] + j];
      out[at + j] += sum;
    }
  }
}

/** A matrix (outputs, channels, taps) as PyTorch has it, as (taps, channels, outputs): a row for each value that comes in. */
function byTap(weight, outputs, channels, taps) {
  const made = new Float64Array(weight.length);
  for (let o = 0; o < outputs; ++o) for (let c = 0; c < channels; ++c) for (let t = 0; t < taps; ++t) {
    made[(t * channels + c) * outputs + o] = weight[(o * channels + c) * taps + t];
  }
  return made;
}

// For each kind of layer a function (from, to, added): `to` is 0 before, values are (height, width, channels), `added` is
// what a residual adds.
const makers = {
  dense(layer, { weight, bias }, rows) {
    const { in: shape, outputs } = layer, matrix = byTap(weight, outputs, shape.channels, shape.height * shape.width);
    return (from, to) => {
      if (bias) to.set(bias);
      rows.clear();
      rows.add(from, 0, from.length, 0, outputs);
      rows.sum(matrix, outputs, to, 0);
    };
  },

  conv(layer, { weight, bias }, rows) {
    const { in: { height, width, channels }, out, outputs, kernel, stride, padding, dilation } = layer;
    const matrix = byTap(weight, outputs, channels, kernel ** 2);
    return (from, to) => {
      for (let at = 0; at < to.length; at += outputs) {
        const y = Math.floor(at / outputs / out.width) * stride - padding, x = at / outputs % out.width * stride - padding;
        if (bias) to.set(bias, at);
        rows.clear();
        for (let tap = 0; tap < kernel ** 2; ++tap) {
          const v = y + Math.floor(tap / kernel) * dilation, u = x + tap % kernel * dilation;
          if (v >= 0 && v < height && u >= 0 && u < width) rows.add(from, (v * width + u) * channels, channels, tap * channels, outputs);
        }
        rows.sum(matrix, outputs, to, at);
      }
    };
  },

  'max-pool': (layer) => (from, to) => {
    to.fill(-Infinity);
    eachPooled(layer, (at, pooled) => { if (from[at] > to[pooled]) to[pooled] = from[at]; });
  },

  'average-pool': (layer) => (from, to) => eachPooled(layer, (at, pooled) => { to[pooled] += from[at] / layer.size ** 2; }),

  norm(layer, { weight, bias, running_mean: mean, running_var: variance }) {
    const channels = layer.in.channels;
    const scale = Float64Array.from(weight, (w, c) => w / Math.sqrt(variance[c] + norm_epsilon));
    const shift = Float64Array.from(bias, (b, c) => b - mean[c] * scale[c]);
    return (from, to) => { for (let i = 0; i < to.length; ++i) to[i] = from[i] * scale[i % channels] + shift[i % channels]; };
  },

  relu: () => (from, to) => { for (let i = 0; i < to.length; ++i) to[i] = from[i] > 0 ? from[i] : 0; },
  tanh: () => (from, to) => { for (let i = 0; i < to.length; ++i) to[i] = Math.tanh(from[i]); },
  dropout: () => (from, to) => to.set(from),  // in use it does nothing
  residual: () => (from, to, added) => { for (let i = 0; i < to.length; ++i) to[i] = from[i] + added[i]; },
};

/** Calls `then(value, pooled value)` for each value of a square. */
function eachPooled({ in: shape, out, size }, then) {
  const { channels } = shape;
  for (let y = 0; y < out.height * size; ++y) for (let x = 0; x < out.width * size; ++x) {
    const from = (y * shape.width + x) * channels, to = (Math.floor(y / size) * out.width + Math.floor(x / size)) * channels;
    for (let c = 0; c < channels; ++c) then(from + c, to + c);
  }
}

function numbersOf(metadata, key, otherwise, count) {
  const numbers = (metadata[key] ?? otherwise).trim().split(/\s+/).map(Number);
  if (numbers.length !== count || !numbers.every(Number.isFinite) || !(numbers.at(-1) > 0)) throw new Error(`the model's ${key} is '${metadata[key]}'`);
  return numbers;
}

/** The tensors of a layer, by what they are: weight, bias, ... */
function tensorsOf(layer, tensors) {
  return Object.fromEntries(Object.entries(layer.weights).map(([part, [name, size]]) => {
    const values = tensors.get(name);
    if (!values) throw new Error(`the model has no ${name}, which its layer '${layer.text}' needs`);
    if (values.length !== size) throw new Error(`the model's ${name} has ${values.length} numbers, expected ${size}`);
    if (!values.every(Number.isFinite)) throw new Error(`the model's ${name} has numbers that are not finite: the training went wrong`);
    return [part, values];
  }));
}

export class Network {
  /** Of a file as parseSafetensors gives it. Throws an Error where it is no classifier of glyphs; with a `code`, 'no_model', where scrawl did not write it. */
  constructor({ metadata, tensors }) {
    if (!metadata['scrawl.architecture']) throw Object.assign(new Error('it does not say which layers it has (scrawl.architecture): scrawl did not write it'), { code: 'no_model' });
    this.layers = parseArchitecture(metadata['scrawl.architecture']);
    [this.mean, this.std] = numbersOf(metadata, 'scrawl.normalization', '0.1307 0.3081', 2);
    [this.temperature] = numbersOf(metadata, 'scrawl.temperature', '1', 1);
    const rows = new Rows();
    this.steps = this.layers.map((layer) => {
      layer.tensors = tensorsOf(layer, tensors);
      return makers[layer.kind](layer, layer.tensors, rows);
    });
  }

  /** All values for a glyph (28x28 bytes, 0 paper, 255 ink): the normalized glyph, then what each layer gives, (height, width, channels); the last are the logits. */
  values(glyph) {
    const all = [Float64Array.from(glyph, (ink) => (ink / 255 - this.mean) / this.std)];
    this.layers.forEach((layer, at) => {
      const out = new Float64Array(sizeOf(layer.out));
      this.steps[at](all[at], out, layer.kind === 'residual' ? all[at - layer.span] : null);
      all.push(out);
    });
    return all;
  }

  /** The ten probabilities of such values. */
  probabilities(values) {
    const logits = Array.from(values.at(-1), (logit) => logit / this.temperature), most = Math.max(...logits);
    const powers = logits.map((logit) => Math.exp(logit - most)), sum = powers.reduce((a, b) => a + b);
    return powers.map((power) => power / sum);
  }
}
