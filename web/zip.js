// Zip archives: written with entries as they are (what goes in is packed already), read with such and deflated ones.

const most_entries = 20000, most_bytes = 64e6;  // of an archive that is read, unpacked
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; ++bit) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

export function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = table[(crc ^ byte) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** Numbers one after the other, little endian: [bytes of it, number]. */
function record(fields) {
  const view = new DataView(new ArrayBuffer(fields.reduce((sum, [size]) => sum + size, 0)));
  let at = 0;
  for (const [size, value] of fields) {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size;
  }
  return new Uint8Array(view.buffer);
}

const first_of_1980 = (1 << 5) + 1;  // month and day: an archive of the same things is the same

/** The archive, a Blob. `entries`: [{name, bytes}]. */
export function makeZip(entries) {
  const parts = [], directory = [];
  let at = 0;
  for (const { name, bytes } of entries) {
    const text = new TextEncoder().encode(name);
    const common = [[2, 20], [2, 0x800], [2, 0], [2, 0], [2, first_of_1980], [4, crc32(bytes)], [4, bytes.length], [4, bytes.length], [2, text.length], [2, 0]];
    directory.push(record([[4, 0x02014b50], [2, 20], ...common, [2, 0], [2, 0], [2, 0], [4, 0], [4, at]]), text);
    const head = record([[4, 0x04034b50], ...common]);
    parts.push(head, text, bytes);
    at += head.length + text.length + bytes.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const end = record([[4, 0x06054b50], [2, 0], [2, 0], [2, entries.length], [2, entries.length], [4, size], [4, at], [2, 0]]);
  return new Blob([...parts, ...directory, end], { type: 'application/zip' });
}

/** At most `size` bytes. */
async function inflated(bytes, size) {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  const out = new Uint8Array(size);
  for (let at = 0; ;) {
    const { done, value } = await reader.read();
    if (done) return at === size ? out : null;
    if (at + value.length > size) {
      reader.cancel().catch(() => {});
      return null;
    }
    out.set(value, at);
    at += value.length;
  }
}

/** What is in an archive: [{name, bytes}], folders left out. Throws an Error where it is none, or damaged. */
export async function readZip(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const damaged = (what) => { throw new Error(`the zip file is damaged: ${what}`); };
  const within = (at, size, what) => (at + size <= bytes.length ? at : damaged(what));
  let end = bytes.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) --end;
  if (end < 0) throw new Error('this is no zip file');
  const count = view.getUint16(end + 10, true), entries = [];
  if (count > most_entries) throw new Error(`the zip file has ${count} entries, expected ${most_entries} at most`);
  let at = view.getUint32(end + 16, true), left = most_bytes;
  for (let i = 0; i < count; ++i) {
    within(at, 46, 'its directory is cut off');
    if (view.getUint32(at, true) !== 0x02014b50) damaged('its directory is none');
    const [method, crc, packed, size] = [view.getUint16(at + 10, true), view.getUint32(at + 16, true), view.getUint32(at + 20, true), view.getUint32(at + 24, true)];
    const [name_size, extra, comment, local] = [28, 30, 32].map((field) => view.getUint16(at + field, true)).concat(view.getUint32(at + 42, true));
    within(at + 46, name_size, 'a name is cut off');
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + name_size));
    at += 46 + name_size + extra + comment;
    if (name.endsWith('/')) continue;
    left -= size;
    if (left < 0) throw new Error(`the zip file has more than ${most_bytes / 1e6} MB in it`);
    within(local, 30, `${name} is cut off`);
    const from = within(local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true), packed, `${name} is cut off`);
    if (method !== 0 && method !== 8) throw new Error(`${name} is packed in a way (${method}) that this page does not know`);
    entries.push({ name, method, crc, size, content: bytes.subarray(from, from + packed) });
  }
  return Promise.all(entries.map(async ({ name, method, crc, size, content }) => {
    const unpacked = method === 0 ? content : await inflated(content, size).catch(() => null);
    if (!unpacked || unpacked.length !== size || crc32(unpacked) !== crc) damaged(name);
    return { name, bytes: unpacked };
  }));
}
