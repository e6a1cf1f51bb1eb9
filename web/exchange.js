// The collection as a file, saved and opened: a zip archive of PNGs in folders 0 to 9, as `scrawl teach` keeps them (src/personalization).
import { bytesOf } from './glyph.js';
import { save } from './save.js';
import { ask, readPicture, send } from './server.js';
import { showToast } from './toast.js';
import { translate } from './words.js';
import { crc32, makeZip, readZip } from './zip.js';

const side = 28;

const bigEndian = (number) => [24, 16, 8, 0].map((bits) => number >>> bits & 255);

function chunk(kind, content) {
  const body = [...new TextEncoder().encode(kind), ...content];
  return [...bigEndian(content.length), ...body, ...bigEndian(crc32(body))];
}

/** A glyph as a gray PNG: white ink on black. */
export async function pngOf(glyph) {
  const rows = new Uint8Array(side * (1 + side));  // each with its filter, none, in front
  for (let y = 0; y < side; ++y) rows.set(glyph.subarray(side * y, side * (y + 1)), (1 + side) * y + 1);
  const packed = await new Response(new Blob([rows]).stream().pipeThrough(new CompressionStream('deflate'))).arrayBuffer();
  const head = [...bigEndian(side), ...bigEndian(side), 8, 0, 0, 0, 0];
  return Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10, ...chunk('IHDR', head), ...chunk('IDAT', new Uint8Array(packed)), ...chunk('IEND', [])]);
}

/** The name that scrawl gives a glyph, by which it knows that the picture is one: of its SHA-256. Where the page may not have that, its number. */
async function nameOf(glyph, number) {
  if (!globalThis.crypto?.subtle) return String(number).padStart(5, '0');
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', glyph));
  return [...digest.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** All of the collection, which comes in pages: [{glyph: base64, digit}]. */
async function wholeCollection() {
  const all = [];
  for (let after = ''; after !== undefined;) {
    const { items, next } = await ask('GET', `v1/corrections?glyphs=true${after && `&after=${encodeURIComponent(after)}`}`);
    all.push(...items);
    after = next;
  }
  return all;
}

/** The archive, a Blob. */
export async function exportCollection() {
  const entries = await Promise.all((await wholeCollection()).map(async ({ glyph, digit }, number) => {
    const bytes = bytesOf(glyph);
    return { name: `${digit}/${await nameOf(bytes, number)}.png`, bytes: await pngOf(bytes) };
  }));
  return makeZip(entries);
}

/** Whether gray levels of 28x28 are a glyph: their frame is black but for some ink (src/personalization/pictures_by_digit.cpp). */
const isGlyph = (levels) => Array.from({ length: side }, (_, i) => [i, side * side - 1 - i, i * side, i * side + side - 1]).flat().filter((at) => levels[at] === 0).length >= 3 * side;

/** The glyph of a picture, base64: the picture itself where it is one, else the one digit that is read in it; null where there is none. */
async function glyphOf(bytes) {
  const file = new Blob([bytes]), bitmap = await createImageBitmap(file).catch(() => null);
  if (bitmap?.width === side && bitmap.height === side) {
    const context = Object.assign(document.createElement('canvas'), { width: side, height: side }).getContext('2d');
    context.drawImage(bitmap, 0, 0);
    const levels = context.getImageData(0, 0, side, side).data.filter((_, i) => i % 4 === 0);
    if (isGlyph(levels)) return btoa(String.fromCharCode(...levels));
  }
  const { digits } = await readPicture(file);
  return digits.length === 1 ? digits[0].glyph : null;
}

/** Adds what is in an archive to the collection: {added, left}, how many pictures were taken and how many were not. */
export async function importCollection(file) {
  const entries = await readZip(new Uint8Array(await file.arrayBuffer()));
  const pictures = entries.flatMap(({ name, bytes }) => {
    const [, digit] = /(?:^|\/)([0-9])\/[^/.][^/]*$/.exec(name) ?? [];
    return digit && !name.startsWith('__MACOSX') ? [{ digit: Number(digit), bytes }] : [];
  });
  if (pictures.length === 0) throw Object.assign(new Error('there are no folders 0 to 9 with pictures in it'), { code: 'no_collection' });
  let added = 0;
  for (const { digit, bytes } of pictures) {
    const glyph = await glyphOf(bytes).catch(() => null);
    if (!glyph) continue;
    await send('v1/corrections', { glyph, digit });
    ++added;
  }
  return { added, left: pictures.length - added };
}

/** The buttons for both; `changed()` when the collection is another. */
export class Exchange {
  constructor(changed) {
    const byId = (id) => document.getElementById(id), file = byId('items-file');
    const tried = async (action) => {
      try { await action(); } catch (error) { showToast(error.code ? translate(error.code) : translate('failed', { error: error.message })); }
    };
    byId('export-items').onclick = () => tried(async () => save(await exportCollection(), 'scrawl-handwriting.zip'));
    byId('import-items').onclick = () => file.click();
    file.onchange = () => tried(async () => {
      const [chosen] = file.files;
      if (!chosen) return;
      const counts = await importCollection(chosen).finally(() => { file.value = ''; });
      showToast(translate(counts.left ? 'imported_some' : 'imported', counts));
      changed();
    });
  }
}
