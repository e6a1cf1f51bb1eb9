// Requests to the server: errors in words, and one who notices when it is gone. Without a server, static/server.js stands here.
import { askToken, authorization } from './token.js';
import { translate } from './words.js';

const presenceListeners = [];
let present = true;

/** `listener(present)` is called when the server goes away and when it is back. */
export function onPresence(listener) {
  presenceListeners.push(listener);
}

function setPresent(now) {
  if (present === now) return;
  present = now;
  for (const listener of presenceListeners) listener(present);
  if (!present) knock();
}

function knock() {
  setTimeout(async () => {
    try {
      if ((await fetch('healthz', { cache: 'no-store' })).ok) return setPresent(true);
    } catch { /* not yet */ }
    knock();
  }, 1000);
}

export class Gone extends Error {}

/** The answer's JSON; throws an Error with the server's words and its `status`, or Gone. */
export async function ask(method, path, body) {
  const headers = authorization();
  let response, text;
  try {
    response = await fetch(path, { method, body, cache: 'no-store', headers });
    text = await response.text();
  } catch {
    setPresent(false);
    throw new Gone(translate('gone'));
  }
  setPresent(true);
  if (response.status === 401 && await askToken(headers)) return ask(method, path, body);
  let answer = null;
  try { answer = JSON.parse(text); } catch { /* told below */ }
  if (!response.ok || answer === null) throw Object.assign(new Error(answer?.error ?? `${response.status} ${response.statusText}`), { status: response.status });
  return answer;
}

/** A file of the server, as a Blob. */
export async function download(path) {
  const response = await fetch(path, { cache: 'no-store', headers: authorization() });
  if (!response.ok) throw Object.assign(new Error((await response.json()).error), { status: response.status });
  return response.blob();
}

export const send = (path, object) => ask('POST', path, object === undefined ? undefined : new Blob([JSON.stringify(object)], { type: 'application/json' }));

/** What a frame of a video says, a canvas: as a JPEG, which is made and sent faster than a PNG of a photo. */
export const readFrame = async (canvas) => readPicture(await new Promise((resolve) => { canvas.toBlob(resolve, 'image/jpeg', 0.85); }), true);

/** What a part of the sheet says, which is one digit: its reading. */
export const readPart = async (canvas) => ask('POST', 'v1/read?glyphs=true&layout=one', await new Promise((resolve) => { canvas.toBlob(resolve); }));

/** What a glyph is (28x28 bytes): {digit, confidence, probabilities}. */
export const classifyGlyph = async (glyph) => (await ask('POST', 'v1/classify', new Blob([glyph], { type: 'application/octet-stream' }))).digits[0];

/** The bytes of the network that reads, a .safetensors file; of the one in training at v1/training/model. */
export async function modelFile(path = 'v1/model/file') {
  const headers = authorization(), response = await fetch(path, { cache: 'no-store', headers });
  if (response.status === 401 && await askToken(headers)) return modelFile(path);
  if (!response.ok) throw Object.assign(new Error(`${path}: ${response.status} ${response.statusText}`), { status: response.status });
  return response.arrayBuffer();
}

/** What a picture says, a file or a canvas, as POST /v1/read?glyphs=true answers. */
export async function readPicture(picture, upright = false) {
  const drawn = picture instanceof HTMLCanvasElement;  // and so upright
  const file = drawn ? await new Promise((resolve) => picture.toBlob(resolve)) : picture;
  const answer = await ask('POST', `v1/read?glyphs=true${drawn || upright ? '&turn=0' : ''}`, file);
  return Array.isArray(answer) ? answer[0] : answer;  // of several pages the first
}
