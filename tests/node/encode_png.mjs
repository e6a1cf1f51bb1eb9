// PNGs of any kind, for tests of what decodes them.
import { deflateSync } from 'node:zlib';

export function crc32Of(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; ++bit) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function chunk(kind, content) {
  const out = Buffer.alloc(12 + content.length);
  out.writeUInt32BE(content.length, 0);
  out.write(kind, 4, 'latin1');
  out.set(content, 8);
  out.writeUInt32BE(crc32Of(out.subarray(4, 8 + content.length)), 8 + content.length);
  return out;
}

const channels_of = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const adam7 = ['1 6 4 6 2 6 4 6', '7 7 7 7 7 7 7 7', '5 6 5 6 5 6 5 6', '7 7 7 7 7 7 7 7', '3 6 4 6 3 6 4 6', '7 7 7 7 7 7 7 7', '5 6 5 6 5 6 5 6', '7 7 7 7 7 7 7 7']
  .map((row) => row.split(' ').map(Number));

/** The bytes of pixels that lie in one row: most significant bits first. */
function packed(values, depth) {
  const bits = values.map((value) => value.toString(2).padStart(depth, '0')).join('');
  return Buffer.from(bits.match(/.{1,8}/g).map((byte) => parseInt(byte.padEnd(8, '0'), 2)));
}

function filtered(kind, row, before, step) {
  return Buffer.from(row.map((value, i) => {
    const left = row[i - step] ?? 0, up = before[i] ?? 0, corner = i < step ? 0 : before[i - step] ?? 0;
    const nearest = [left, up, corner].map((one) => [Math.abs(left + up - corner - one), one]).reduce((a, b) => (b[0] < a[0] ? b : a))[1];
    return value - [0, left, up, (left + up) >> 1, nearest][kind];
  }));
}

/** `samples(x, y, channel)` are the numbers as they are stored. Rows take the five filters in turn. */
export function encodePng({ width, height, color, depth, samples, palette = null, interlaced = false }) {
  const channels = channels_of[color], rows = [];
  for (let pass = 1; pass <= (interlaced ? 7 : 1); ++pass) {
    let before = [];
    for (let y = 0; y < height; ++y) {
      const columns = Array.from({ length: width }, (_, x) => x).filter((x) => !interlaced || adam7[y % 8][x % 8] === pass);
      if (columns.length === 0) continue;
      const row = packed(columns.flatMap((x) => Array.from({ length: channels }, (_, channel) => samples(x, y, channel))), depth);
      const kind = rows.length % 5;
      rows.push(Buffer.concat([Buffer.from([kind]), filtered(kind, row, before, Math.max(1, (channels * depth) >> 3))]));
      before = row;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, color, 0, 0, interlaced ? 1 : 0], 8);
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', header), ...(palette ? [chunk('PLTE', Buffer.from(palette.flat()))] : []),
    chunk('IDAT', deflateSync(Buffer.concat(rows))), chunk('IEND', Buffer.alloc(0))]);
}
