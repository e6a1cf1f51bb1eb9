// Learning in this browser, with the answers of the server's /v1/learn, /v1/job and /v1/model.
import { done, storeOf } from './database.js';
import * as files from './files.js';
import { bytesOf } from './glyph.js';
import { all } from './kept_corrections.js';
import { unpacked } from './unpacked.js';
import { crc32 } from './zip.js';

const reasons = {
  better_drawn: 'it reads your digits better, and has not forgotten how others write',
  no_better: 'it does not read your digits better than before',
  forgets_drawn: 'it forgets too much of how others write',
};
let job = { kind: 'none', running: false };
let stop = null;
let listener = () => {};

/** `changed()` is called when another model is to read. */
export function onModel(changed) { listener = changed; }

const personal = async () => done((await storeOf('models', 'readonly')).get('personal'));

/** The model that reads, its bytes or its URL: the personal one ({of, bytes}), where it was made of the one that this page comes with. */
export async function modelNow() {
  const kept = await personal().catch(() => null);  // a browser may keep nothing
  if (!kept) return files.digits;
  const builtin = await unpacked(files.digits);
  return kept.of === crc32(builtin) ? kept.bytes : builtin;
}

export async function modelState() {
  const kept = Boolean(await personal().catch(() => null));
  return { source: kept ? 'personal' : 'builtin', can_undo: kept, may_teach: true, has_mnist: true, metadata: {} };
}

export async function undoModel() {
  await done((await storeOf('models', 'readwrite')).delete('personal'));
  job = { kind: 'none', running: false };
  listener();
  return modelState();
}

export const jobState = () => ({ ...job });

export function stopLearning() {
  stop?.();
  return jobState();
}

/** Starts it, from the built-in model and with the whole collection each time, as `scrawl teach` does. */
export async function startLearning() {
  if (job.running) throw new Error('it is learning already');
  job = { kind: 'learning', running: true, progress: 0, losses: [], before: null, after: null, kept: null, reason: '', reason_code: null, error: null };
  learn().catch((error) => { job.error = error.message; }).finally(() => { job.running = false; });
  return jobState();
}

async function learn() {
  const builtin = await unpacked(files.digits), of = crc32(builtin);
  const corrections = (await all()).map(({ glyph, digit }) => ({ glyph: bytesOf(glyph), digit }));
  const result = await inWorker({ model: builtin, corrections });
  if (!result) return;  // it was stopped
  const { before, after, kept, reason_code, model } = result;
  if (kept) {
    await done((await storeOf('models', 'readwrite')).put({ of, bytes: model }, 'personal'));
    listener();
  }
  const told = ({ collection, drawn }) => ({ collection, mnist: drawn });
  Object.assign(job, { before: told(before), after: told(after), kept, reason_code, reason: reasons[reason_code], progress: 1 });
}

function inWorker(task) {
  const worker = new Worker(files.learner, { type: 'module' });
  return new Promise((resolve, reject) => {
    stop = () => resolve(null);
    worker.onerror = (event) => reject(new Error(event.message ?? 'the worker has ended'));
    worker.onmessage = ({ data: { progress, result, error } }) => {
      if (progress !== undefined) job.progress = progress;
      else if (error !== undefined) reject(new Error(error));
      else resolve(result);
    };
    worker.postMessage(task);
  }).finally(() => { worker.terminate(); stop = null; });
}
