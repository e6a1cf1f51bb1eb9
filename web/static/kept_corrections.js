// What someone has said digits are, kept in this browser (IndexedDB), with the answers of the server's /v1/corrections.

import { done, storeOf } from './database.js';

const page_size = 200;

const access = (mode) => storeOf('corrections', mode);

/** All of them: [{glyph, digit, id}], one word on each glyph, in the order of the words. */
export const all = async () => (await done((await access('readonly')).getAll())).sort((a, b) => (a.id < b.id ? -1 : 1));

function countsOf(items) {
  const digits = Array(10).fill(0);
  for (const { digit } of items) ++digits[digit];
  return { size: items.length, digits };
}

export const countCorrections = async () => countsOf(await all());

/** Those behind the id `after`; `next` where there are more. */
export async function listCorrections(after = '') {
  const items = await all();
  const rest = items.filter(({ id }) => id > after);
  const shown = rest.slice(0, page_size);
  return { ...countsOf(items), items: shown, ...(rest.length > shown.length && { next: shown.at(-1).id }) };
}

let count = 0;  // of two in the same millisecond, the later one is later

export async function addCorrection({ glyph, digit }) {
  const id = `${Date.now()}-${String(count++).padStart(6, '0')}`;
  await done((await access('readwrite')).put({ glyph, digit, id }));
  return { id, collection: await countCorrections() };
}

export async function removeCorrection(id) {
  const found = (await all()).find((item) => item.id === id);
  if (found) await done((await access('readwrite')).delete(found.glyph));
  return countCorrections();
}
