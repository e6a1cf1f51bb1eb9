// Which parts of a glyph spoke for a digit, and which against it: what the answer loses when a part is taken away.
//
// The question is "why this digit, and not the one that comes next?": the margin is the digit's logit less the strongest
// other's, as the softmax sees them. Tiles of 4x4 pixels are made paper, one at a time (Zeiler and Fergus 2014).
// bench/attribution.mjs says how little gradients would tell of that.

const side = 28, tile = 4;

export const strongestOther = (logits, digit) => logits.reduce((most, logit, i) => (i !== digit && (most < 0 || logit > logits[most]) ? i : most), -1);

/** In logits. */
export const marginOf = (network, values, digit, rival) => (values.at(-1)[digit] - values.at(-1)[rival]) / network.temperature;

/** The pixels of a tile of the 7x7. */
const pixelsOf = (at) => Array.from({ length: tile * tile }, (_, i) => (Math.floor(at / 7) * tile + Math.floor(i / tile)) * side + at % 7 * tile + i % tile);

/**
 * Takes the tiles with ink away, one at each step, so that who waits for something else need not wait for all of them.
 * Returns what each pixel's tile adds to the margin (28x28), in logits: above 0 it speaks for the digit.
 */
export function* occlude(network, glyph, digit, rival) {
  const whole = marginOf(network, network.values(glyph), digit, rival);
  const parts = new Float32Array(glyph.length);
  for (let at = 0; at < 49; ++at) {
    const pixels = pixelsOf(at);
    if (!pixels.some((pixel) => glyph[pixel] > 0)) continue;
    const without = Uint8Array.from(glyph);
    for (const pixel of pixels) without[pixel] = 0;
    const lost = whole - marginOf(network, network.values(without), digit, rival);
    for (const pixel of pixels) parts[pixel] = lost;
    yield;
  }
  return parts;
}
