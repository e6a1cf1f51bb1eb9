// In place of a server: a worker that reads, and corrections that this browser keeps. Answers as the server does, as far as
// the page without it asks for anything.
import * as files from './files.js';
import { addCorrection, countCorrections, listCorrections, removeCorrection } from './kept_corrections.js';
import { jobState, modelNow, modelState, onModel, startLearning, stopLearning, undoModel } from './learning.js';
import { unpacked } from './unpacked.js';
import { translate } from './words.js';

export class Gone extends Error {}

/** A server would go away and come back; this one is always there. */
export function onPresence() {}

const waiting = new Map();  // id -> {resolve, reject}
let last = 0;  // id
let worker = null;
let ready = null;  // when the worker knows its files

function start() {
  worker = new Worker(files.worker, { type: 'module' });
  worker.onmessage = ({ data: { id, answer, error, code } }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (answer) resolve(answer);
    else reject(new Error(code ? translate(code) : error));
  };
  worker.onerror = (event) => {  // none that it answers with: it is of no use any more
    worker.terminate();
    worker = null;
    for (const { reject } of waiting.values()) reject(new Error(event.message ?? 'the worker has ended'));
    waiting.clear();
  };
  ready = tell();
}

/** Tells the worker what to read with: what is asked before waits for that. */
async function tell() {
  const digits = await modelNow().catch(() => files.digits);  // the worker will say why
  worker?.postMessage({ files: [files.wasm, digits, files.pages] });
}

start();
onModel(() => { ready = tell(); });
// Where it is the page's own, from a host: a page on a disk is there without a network anyway.
if (/^https?:$/.test(location.protocol) && !files.inside) navigator.serviceWorker?.register('offline.js').catch(() => {});  // then it needs the network

async function work(message, transferred = []) {
  if (!worker) start();
  await ready;
  return new Promise((resolve, reject) => {
    waiting.set(++last, { resolve, reject });
    worker.postMessage({ id: last, ...message }, transferred);
  });
}

function read(picture, layout) {
  if (!(picture instanceof HTMLCanvasElement)) return work({ picture, layout });
  const pixels = picture.getContext('2d').getImageData(0, 0, picture.width, picture.height);
  return work({ picture: pixels, layout }, [pixels.data.buffer]);
}

/** What a picture says, a file or a canvas, as POST /v1/read?glyphs=true answers. */
export const readPicture = (picture) => read(picture, 'page');

/** What a frame of a video says, a canvas. */
export const readFrame = readPicture;

/** What a part of the sheet says, which is one digit: its reading. */
export const readPart = (canvas) => read(canvas, 'one');

/** What a glyph is (28x28 bytes): {digit, confidence, probabilities}. */
export const classifyGlyph = (glyph) => work({ glyph });

/** The bytes of the network that reads, a .safetensors file. */
export const modelFile = async () => unpacked(await modelNow());

const routes = [
  ['GET', /^v1\/corrections\?glyphs=true(?:&after=(.*))?$/, (after) => listCorrections(after && decodeURIComponent(after))],
  ['GET', /^v1\/corrections$/, countCorrections],
  ['POST', /^v1\/corrections$/, (_, body) => addCorrection(body)],
  ['DELETE', /^v1\/corrections\/(.+)$/, removeCorrection],
  ['POST', /^v1\/learn$/, startLearning],
  ['GET', /^v1\/model$/, modelState],
  ['POST', /^v1\/model\/undo$/, undoModel],
  ['GET', /^v1\/job$/, jobState],
  ['DELETE', /^v1\/job$/, stopLearning],
  ['GET', /^v1\/training$/, () => ({ network: null })],
];

/** What the server would answer; throws an Error with a `status` where it would have to be asked. */
export async function ask(method, path, body) {
  for (const [of, pattern, answer] of routes) {
    const found = of === method && pattern.exec(path);
    if (found) return answer(found[1], body);
  }
  throw Object.assign(new Error(`${method} ${path} wants a server`), { status: 404 });
}

/** The page without a server has nothing to download. */
export async function download(path) {
  throw new Error(`${path} wants a server`);
}

export const send = (path, object) => ask('POST', path, object);
