// In place of a server: a worker that reads, and corrections that this browser keeps. Answers as the server does, as far as
// the page without it asks for anything.
import * as files from './files.js';
import { addCorrection, countCorrections, listCorrections, removeCorrection } from './kept_corrections.js';
import { translate } from './words.js';

export class Gone extends Error {}

/** A server would go away and come back; this one is always there. */
export function onPresence() {}

const waiting = new Map();  // id -> {resolve, reject}
let last = 0;  // id
let worker = null;

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
  worker.postMessage({ files: [files.wasm, files.digits, files.pages] });
}

start();
// Where it is the page's own, from a host: a page on a disk is there without a network anyway.
if (/^https?:$/.test(location.protocol) && !files.inside) navigator.serviceWorker?.register('offline.js').catch(() => {});  // then it needs the network

/** What a picture says, a file or a canvas, as POST /v1/read?glyphs=true answers. */
export function readPicture(picture) {
  if (!worker) start();
  return new Promise((resolve, reject) => {
    waiting.set(++last, { resolve, reject });
    if (!(picture instanceof HTMLCanvasElement)) return worker.postMessage({ id: last, picture });
    const pixels = picture.getContext('2d').getImageData(0, 0, picture.width, picture.height);
    worker.postMessage({ id: last, picture: pixels }, [pixels.data.buffer]);
  });
}

const routes = [
  ['GET', /^v1\/corrections\?glyphs=true(?:&after=(.*))?$/, (after) => listCorrections(after && decodeURIComponent(after))],
  ['GET', /^v1\/corrections$/, countCorrections],
  ['POST', /^v1\/corrections$/, (_, body) => addCorrection(body)],
  ['DELETE', /^v1\/corrections\/(.+)$/, removeCorrection],
  ['GET', /^v1\/model$/, () => ({ source: 'builtin', can_undo: false })],
  ['GET', /^v1\/job$/, () => ({ kind: 'none', running: false })],
];

/** What the server would answer; throws an Error with a `status` where it would have to be asked. */
export async function ask(method, path, body) {
  for (const [of, pattern, answer] of routes) {
    const found = of === method && pattern.exec(path);
    if (found) return answer(found[1], body);
  }
  throw Object.assign(new Error(`${method} ${path} wants a server`), { status: 404 });
}

export const send = (path, object) => ask('POST', path, object);
