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

// Two: what the pen leaves on the paper does not wait for what was there a moment before.
const most_workers = Math.min(2, navigator.hardwareConcurrency ?? 1);
const workers = [];  // {worker, waiting: id -> {resolve, reject}, told: when it knows its files, loaded}
let last = 0;  // id

function start() {
  const one = { worker: new Worker(files.worker, { type: 'module' }), waiting: new Map(), loaded: false };
  one.worker.onmessage = ({ data: { loaded, id, answer, error, code } }) => {
    if (loaded) {
      one.loaded = true;
      return;
    }
    const { resolve, reject } = one.waiting.get(id);
    one.waiting.delete(id);
    if (answer) resolve(answer);
    else reject(new Error(code ? translate(code) : error));
    if (answer && workers.length < most_workers) start();  // not before: the first answer should come soon
  };
  one.worker.onerror = (event) => {  // none that it answers with: it is of no use any more
    one.worker.terminate();
    workers.splice(workers.indexOf(one), 1);
    for (const { reject } of one.waiting.values()) reject(new Error(event.message ?? 'the worker has ended'));
  };
  one.told = tell(one);
  workers.push(one);
  return one;
}

/** Tells a worker what to read with: what is asked before waits for that. */
async function tell({ worker }) {
  const digits = await modelNow().catch(() => files.digits);  // the worker will say why
  worker.postMessage({ files: [files.wasm, digits, files.pages] });
}

start();
onModel(() => { for (const one of workers) one.told = tell(one); });
// Where it is the page's own, from a host: a page on a disk is there without a network anyway.
if (/^https?:$/.test(location.protocol) && !files.inside) navigator.serviceWorker?.register('offline.js').catch(() => {});  // then it needs the network

async function work(message, transferred = []) {
  const one = workers.find(({ loaded, waiting }) => loaded && waiting.size === 0) ?? workers[0] ?? start();
  return new Promise((resolve, reject) => {
    const id = ++last;
    one.waiting.set(id, { resolve, reject });
    one.told.then(() => one.worker.postMessage({ id, ...message }, transferred));
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
