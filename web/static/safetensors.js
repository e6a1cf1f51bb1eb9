// Models in safetensors files, those too that scripts/build-page has made smaller: bytes, with a scale for each output in
// NAME.scale.

const wide = { F32: 4, I8: 1 };

/** {metadata, tensors, shapes}: tensors is a map of names to Float32Arrays, shapes one to lists. Throws an Error where the bytes are no such file. */
export function parseSafetensors(bytes) {
  const length = bytes.length < 8 ? 0 : Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length < 2 || length > bytes.length - 8) throw new Error('the model is no safetensors file, or is cut short');
  const { __metadata__: metadata = {}, ...entries } = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const tensors = new Map(), shapes = new Map();
  for (const [name, { dtype, shape, data_offsets: [begin, end] }] of Object.entries(entries)) {
    const data = new Uint8Array(bytes.subarray(8 + length + begin, 8 + length + end));  // a copy, which is aligned
    const expected = wide[dtype] * shape.reduce((a, b) => a * b, 1);
    if (data.length !== expected) throw new Error(`the model's tensor ${name} is ${data.length} bytes of ${dtype}, expected ${expected} of F32 or I8`);
    shapes.set(name, shape);
    tensors.set(name, dtype === 'I8' ? Float32Array.from(new Int8Array(data.buffer)) : new Float32Array(data.buffer));
  }
  for (const [name, scales] of [...tensors].filter(([key]) => key.endsWith('.scale'))) {
    const values = tensors.get(name.slice(0, -'.scale'.length));
    const each = values.length / scales.length;
    values.forEach((value, i) => { values[i] = value * scales[Math.floor(i / each)]; });
    tensors.delete(name);
    shapes.delete(name);
  }
  return { metadata, tensors, shapes };
}

/** The bytes of such a file, in floats. */
export function formatSafetensors({ metadata, tensors, shapes }) {
  const header = { __metadata__: metadata };
  let size = 0;
  for (const [name, values] of tensors) header[name] = { dtype: 'F32', shape: shapes.get(name), data_offsets: [size, size += values.byteLength] };
  const text = new TextEncoder().encode(JSON.stringify(header)), length = text.length + (64 - (8 + text.length) % 64) % 64;
  const bytes = new Uint8Array(8 + length + size).fill(32, 8, 8 + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(text, 8);
  let at = 8 + length;
  for (const values of tensors.values()) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return bytes;
}
