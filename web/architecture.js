// The layers of a network, out of the text that a model carries (scrawl.architecture): src/network/architecture.cpp writes it.

const most_layers = 100, most_values = 2 ** 20;  // as the core has them: a file may ask for anything
const limits = { outputs: 65536, channels: 1024, side: 28, dilation: 16, span: 20 };

export const sizeOf = ({ channels, height, width }) => channels * height * width;

function number(word, what) {
  const value = Number(word);
  if (!Number.isInteger(value) || value < 1 || value > limits[what]) throw new Error(`${what} is ${word}, expected 1 to ${limits[what]}`);
  return value;
}

function parseConv([channels, kernel, ...rest]) {
  const conv = { outputs: number(channels, 'channels'), kernel: number(kernel, 'side'), stride: 1, dilation: 1 };
  let valid = false;
  while (rest.length) {
    const word = rest.shift();
    if (word === 'stride') conv.stride = number(rest.shift(), 'side');
    else if (word === 'dilation') conv.dilation = number(rest.shift(), 'dilation');
    else if (word === 'valid') valid = true;
    else throw new Error(`'${word}' is unknown`);
  }
  return { ...conv, padding: valid ? 0 : conv.dilation * (conv.kernel - 1) / 2 };
}

const parsers = {
  dense: ([outputs]) => ({ outputs: number(outputs, 'outputs') }),
  conv: parseConv,
  'max-pool': ([size]) => ({ size: number(size, 'side') }),
  'average-pool': ([size]) => ({ size: number(size, 'side') }),
  norm: () => ({}),
  relu: () => ({}),
  tanh: () => ({}),
  dropout: () => ({}),
  residual: ([span]) => ({ span: number(span, 'span') }),
};

function shapeBehind(layer, shape) {
  const convolved = (side) => Math.floor((side + 2 * layer.padding - (layer.kernel - 1) * layer.dilation - 1) / layer.stride) + 1;
  const each = (channels, side) => ({ channels, height: side(shape.height), width: side(shape.width) });
  if (layer.kind === 'dense') return { channels: layer.outputs, height: 1, width: 1 };
  if (layer.kind === 'conv') return each(layer.outputs, convolved);
  if (layer.kind.endsWith('pool')) return each(shape.channels, (side) => Math.floor(side / layer.size));
  return shape;
}

/** Which names its weights have in the file, and how many numbers each has. */
function weightsOf(layer, ordinal, bias) {
  const { kind, in: shape, outputs, kernel } = layer;
  if (kind === 'norm') return Object.fromEntries(['weight', 'bias', 'running_mean', 'running_var'].map((part) => [part, [`norm${ordinal}.${part}`, shape.channels]]));
  if (kind !== 'dense' && kind !== 'conv') return {};
  const name = `${kind === 'dense' ? 'fc' : 'conv'}${ordinal}`;
  const inputs = kind === 'dense' ? sizeOf(shape) : shape.channels * kernel ** 2;
  return { weight: [`${name}.weight`, outputs * inputs], ...(bias && { bias: [`${name}.bias`, outputs] }) };
}

/** What is normalized next, poolings aside, has no bias: the normalization would take it away. */
function hasBias(layers, at) {
  return layers.slice(at + 1).find(({ kind }) => !kind.endsWith('pool'))?.kind !== 'norm';
}

/**
 * The layers: {kind, text, in, out, weights, ...}: `in` and `out` {channels, height, width}, `weights` {part: [name in the file,
 * numbers]}. Throws an Error that names the layer where the text is none of a classifier's of glyphs.
 */
export function parseArchitecture(text) {
  let shape = { channels: 1, height: 28, width: 28 };
  const parts = text.split(',').map((part) => part.trim());
  if (parts.length > most_layers) throw new Error(`the network has ${parts.length} layers, expected ${most_layers} at most`);
  if (/^input\b/.test(parts[0])) throw new Error(`the network takes another input than a glyph of 28x28 pixels: '${parts[0]}'`);
  const layers = parts.map((part, at) => {
    const refuse = (why) => { throw new Error(`layer ${at + 1}, '${part}': ${why}`); };
    const [kind, ...words] = part.split(/\s+/);
    if (!Object.hasOwn(parsers, kind)) refuse('that kind of layer is unknown');
    try {
      const layer = { kind, text: part, ...parsers[kind](words), in: shape };
      shape = layer.out = shapeBehind(layer, shape);
      if (Math.min(shape.height, shape.width) < 1 || sizeOf(shape) > most_values) refuse(`${layer.in.height}x${layer.in.width} pixels come in, which does not fit`);
      return layer;
    } catch (error) {
      return refuse(error.message);
    }
  });
  if (layers.at(-1).kind !== 'dense' || layers.at(-1).outputs !== 10) throw new Error(`the network ends with '${layers.at(-1).text}', expected 'dense 10': one output for each digit`);
  const counts = {};
  layers.forEach((layer, at) => {
    counts[layer.kind] = (counts[layer.kind] ?? 0) + 1;
    layer.weights = weightsOf(layer, counts[layer.kind], hasBias(layers, at));
    if (layer.kind === 'residual') {
      const from = layers[at - layer.span]?.in;
      if (!from || JSON.stringify(from) !== JSON.stringify(layer.in)) throw new Error(`layer ${at + 1}, '${layer.text}': what it adds has another shape`);
    }
  });
  return layers;
}
