// Reads handwritten digits, in Node and in browsers: import { Reader } from 'scrawl-digits'.
import { loadFile } from '#files';
import { decodePng, isPng } from './png.js';
import { Recognizer } from './recognizer.js';

/** What was read ended the module, or was no picture. The next one is read all the same. */
export class ReadError extends Error {
  name = 'ReadError';
}

function bytesOf(picture) {
  if (picture instanceof Uint8Array) return picture;
  if (picture instanceof ArrayBuffer) return new Uint8Array(picture);
  if (ArrayBuffer.isView(picture) && !(picture instanceof Uint8ClampedArray)) return new Uint8Array(picture.buffer, picture.byteOffset, picture.byteLength);
  return null;
}

async function pixelsOf(picture) {
  const bytes = bytesOf(picture);
  if (bytes) {
    if (isPng(bytes)) return decodePng(bytes);
    throw new Error('these bytes are no PNG; other formats have to be decoded: give {width, height, data}');
  }
  const { width, height, data } = picture ?? {};
  const whole = (side) => Number.isInteger(side) && side > 0;
  if (whole(width) && whole(height) && data?.length === 4 * width * height) return { width, height, data };
  throw new Error('expected the bytes of a PNG, or {width, height, data} as in an ImageData: 4 bytes a pixel');
}

export class Reader {
  #recognizer = null;

  /** Loads the module and its models once; a Reader that is not loaded does so when it first reads. */
  static async load() {
    const reader = new Reader();
    await reader.#loaded();
    return reader;
  }

  async read(picture) {
    const recognizer = await this.#loaded();
    try {
      return recognizer.read(await pixelsOf(picture));
    } catch (error) {
      throw new ReadError(error.message, { cause: error });
    }
  }

  async classify(glyph) {
    const recognizer = await this.#loaded();
    try {
      return recognizer.classify(glyph);
    } catch (error) {
      throw new ReadError(error.message, { cause: error });
    }
  }

  #loaded() {
    this.#recognizer ??= Promise.all(['wasm', 'digits', 'pages'].map(loadFile)).then((files) => Recognizer.load(...files)).catch((error) => {
      this.#recognizer = null;  // the network may be there the next time
      throw error;
    });
    return this.#recognizer;
  }
}
