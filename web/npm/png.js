// PNG files (ISO/IEC 15948): of any color type and depth, interlaced or not, as pixels of red, green, blue and alpha.

const signature = [137, 80, 78, 71, 13, 10, 26, 10];
const most_pixels = 24e6;
const channels_of = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const depths_of = { 0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16] };
// Adam7: first column and row, and the steps between them.
const passes = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]];

export const isPng = (bytes) => signature.every((byte, i) => bytes[i] === byte);

const fail = (what) => { throw new Error(`PNG: ${what}`); };

/** {header, palette, alpha, data}, all of them chunks' contents; of data, the parts. */
function chunksOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = { data: [] };
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = view.getUint32(at), end = at + 8 + length;
    const kind = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (end + 4 > bytes.length) fail('it is cut short');
    const content = bytes.subarray(at + 8, end);
    if (kind === 'IHDR' && length === 13) found.header = content;
    else if (kind === 'PLTE') found.palette = content;
    else if (kind === 'tRNS') found.alpha = content;
    else if (kind === 'IDAT') found.data.push(content);
    else if (kind === 'IEND') return found;
    at = end + 4;
  }
  return found;
}

function headerOf(content) {
  if (!content) fail('it has no header');
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const [depth, color, , , interlaced] = content.subarray(8);
  const header = { width: view.getUint32(0), height: view.getUint32(4), depth, color, interlaced, channels: channels_of[color] };
  if (!depths_of[color]?.includes(depth) || interlaced > 1) fail(`a color type ${color} of ${depth} bits, interlaced ${interlaced}, is none`);
  if (header.width * header.height === 0) fail('it has no pixels');
  if (header.width * header.height > most_pixels) fail(`it has ${header.width} x ${header.height} pixels, expected ${most_pixels} at most`);
  return header;
}

/** Inflates up to `size` bytes, and no more. */
async function inflate(parts, size) {
  const reader = new Blob(parts).stream().pipeThrough(new DecompressionStream('deflate')).getReader();
  const out = new Uint8Array(size);
  let filled = 0;
  try {
    while (filled < size) {
      const { done, value } = await reader.read();
      if (done) break;
      const taken = value.subarray(0, size - filled);
      out.set(taken, filled);
      filled += taken.length;
    }
  } catch {
    fail('its pixels are damaged');
  }
  reader.cancel().catch(() => {});
  if (filled < size) fail(`its pixels are ${filled} bytes, expected ${size}`);
  return out;
}

function paeth(left, up, corner) {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

/** Undoes a row's filter; `before` is the row above. */
function unfilter(kind, row, before, step) {
  if (kind > 4) fail(`a row has the filter ${kind}, expected 0 to 4`);
  for (let i = 0; kind > 0 && i < row.length; ++i) {
    const left = i < step ? 0 : row[i - step], up = before[i];
    row[i] += kind === 1 ? left : kind === 2 ? up : kind === 3 ? (left + up) >> 1 : paeth(left, up, i < step ? 0 : before[i - step]);
  }
}

/** A sample of a row as it is stored, below 2^depth; of 16 bits the upper 8. */
function sample(row, index, depth) {
  if (depth === 8) return row[index];
  if (depth === 16) return row[2 * index];
  const bit = index * depth;
  return (row[bit >> 3] >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
}

/** The pixel of a row, as a function of (row, x, out, at), which puts four bytes. */
function pixelReader({ depth, color, channels }, palette, alpha) {
  const scale = depth < 8 ? 255 / ((1 << depth) - 1) : 1;
  const of_two = (i) => (depth === 16 ? alpha[2 * i] * 256 + alpha[2 * i + 1] : alpha[2 * i + 1]);
  const clear = alpha && color !== 3 ? Array.from({ length: channels }, (_, i) => of_two(i)) : null;  // one color is transparent
  const whole = (row, i) => (depth === 16 ? row[2 * i] * 256 + row[2 * i + 1] : sample(row, i, depth));
  return (row, x, out, at) => {
    if (color === 3) {
      const entry = sample(row, x, depth);
      if (3 * entry + 3 > palette.length) fail(`a pixel has color ${entry}, of ${palette.length / 3}`);
      out.set(palette.subarray(3 * entry, 3 * entry + 3), at);
      out[at + 3] = alpha?.[entry] ?? 255;
      return;
    }
    const gray = channels < 3;
    for (let i = 0; i < 3; ++i) out[at + i] = sample(row, x * channels + (gray ? 0 : i), depth) * scale;
    out[at + 3] = channels % 2 === 0 ? sample(row, x * channels + channels - 1, depth)
      : clear?.every((value, i) => value === whole(row, x * channels + i)) ? 0 : 255;
  };
}

/** {width, height, data}, as in an ImageData. Throws an Error where the bytes are no sound PNG. */
export async function decodePng(bytes) {
  const { header: content, palette, alpha, data } = chunksOf(bytes);
  const header = headerOf(content);
  const { width, height, depth, channels } = header;
  if (header.color === 3 && !palette) fail('it has no palette');
  const parts = (header.interlaced ? passes : [[0, 0, 1, 1]]).map(([x, y, across, down]) => {
    const columns = Math.ceil((width - x) / across), rows = columns > 0 ? Math.max(0, Math.ceil((height - y) / down)) : 0;
    return { x, y, across, down, columns, rows, stride: Math.ceil((columns * channels * depth) / 8) };
  });
  const raw = await inflate(data, parts.reduce((sum, { rows, stride }) => sum + rows * (1 + stride), 0));
  const pixels = new Uint8ClampedArray(4 * width * height);
  const put = pixelReader(header, palette, alpha);
  const step = Math.max(1, (channels * depth) >> 3);
  let at = 0;
  for (const { x, y, across, down, columns, rows, stride } of parts) {
    let before = new Uint8Array(stride);
    for (let i = 0; i < rows; ++i, at += 1 + stride) {
      const row = raw.subarray(at + 1, at + 1 + stride);
      unfilter(raw[at], row, before, step);
      for (let j = 0; j < columns; ++j) put(row, j, pixels, 4 * ((y + i * down) * width + x + j * across));
      before = row;
    }
  }
  return { width, height, data: pixels };
}
