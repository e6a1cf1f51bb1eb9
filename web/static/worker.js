// Reads pictures beside the page, so that the page never waits: {files} first, then {id, picture, layout} or {id, glyph}; {id, answer | error} back,
// {loaded} where the files are there.
import { Recognizer } from './recognizer.js';
import { unpacked } from './unpacked.js';

const most_pixels = 24e6;  // a larger picture is made smaller: its digits are large enough

/** The pixels of a picture file, upright, and how much smaller they are than the picture. */
async function pixelsOf(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { colorSpaceConversion: 'none', premultiplyAlpha: 'none' });
  } catch {
    throw Object.assign(new Error('no picture'), { code: 'no_picture' });
  }
  const scale = Math.min(1, Math.sqrt(most_pixels / (bitmap.width * bitmap.height)));
  const width = Math.max(1, Math.round(bitmap.width * scale)), height = Math.max(1, Math.round(bitmap.height * scale));
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  return { pixels: context.getImageData(0, 0, width, height), scale };
}

/** Boxes in pixels of the picture as it came. */
function enlarged(answer, scale) {
  if (scale === 1) return answer;
  const digits = answer.digits.map((digit) => ({ ...digit, box: Object.fromEntries(Object.entries(digit.box).map(([side, length]) => [side, Math.round(length / scale)])) }));
  return { ...answer, digits };
}

let files = null;  // the URLs of scrawl.wasm and of both models, or the bytes of a model
let recognizer = null;  // a promise

function load() {
  const loading = Promise.all(files.map(unpacked)).then((all) => Recognizer.load(...all));
  loading.catch(() => { recognizer = null; });  // told with the answer; the next picture tries again
  return loading;
}

let before = null;  // the last drawing with its answer: a pen that leaves the paper has often drawn nothing since

const isSame = (a, b) => a.width === b.width && a.height === b.height && a.data.every((value, i) => value === b.data[i]);

async function answerTo(picture, layout) {
  const reader = await (recognizer ??= load());
  if (!(picture instanceof ImageData)) {
    const { pixels, scale } = await pixelsOf(picture);
    return enlarged(reader.read(pixels, layout), scale);
  }
  if (before?.reader !== reader || before.layout !== layout || !isSame(before.picture, picture)) before = { reader, layout, picture, answer: reader.read(picture, layout) };
  return before.answer;
}

async function classOf(glyph) {
  const probabilities = [...(await (recognizer ??= load())).classify(glyph)];
  const confidence = Math.max(...probabilities);
  return { digit: probabilities.indexOf(confidence), confidence, probabilities };
}

self.onmessage = async ({ data: { files: given, id, picture, layout, glyph } }) => {
  if (given) {
    files = given;
    recognizer = load();
    recognizer.then(() => self.postMessage({ loaded: true }), () => {});
    return;
  }
  try {
    self.postMessage({ id, answer: glyph ? await classOf(glyph) : await answerTo(picture, layout) });
  } catch (error) {
    self.postMessage({ id, error: error.message, code: error.code });
  }
};
