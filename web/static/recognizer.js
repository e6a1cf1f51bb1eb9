// The core as WebAssembly (src/web_assembly): pixels in, readings out. For a worker, or Node.
import { parseSafetensors } from './safetensors.js';

const page = 65536;  // bytes of WebAssembly's memory come in these
const at_start = 512;  // pages: what a drawing takes, and the module's own
const at_most = 32768;  // pages: 2 GB, for the largest pictures

/**
 * What the module asks of its host. All that it does is to write to standard error why it ends; that becomes the message of
 * an Error.
 */
class Host {
  said = '';

  constructor(memory) {
    const numbers = () => new DataView(memory.buffer);
    const refuse = () => 8;  // EBADF
    this.imports = {
      env: { memory },
      wasi_snapshot_preview1: {
        environ_get: () => 0,
        environ_sizes_get: (count, size) => {
          numbers().setUint32(count, 0, true);
          numbers().setUint32(size, 0, true);
          return 0;
        },
        fd_close: refuse,
        fd_seek: refuse,
        fd_write: (file, parts, count, written) => {
          let size = 0;
          for (let i = 0; i < count; ++i) {
            const begin = numbers().getUint32(parts + 8 * i, true), length = numbers().getUint32(parts + 8 * i + 4, true);
            this.said += new TextDecoder().decode(new Uint8Array(memory.buffer, begin, length));
            size += length;
          }
          numbers().setUint32(written, size, true);
          return 0;
        },
        proc_exit: () => { throw new Error('it has ended'); },
      },
    };
  }
}

/** One instance of the module, with its models. An error ends it: the module has no exceptions. */
class Instance {
  constructor(module, models) {
    this.memory = new WebAssembly.Memory({ initial: at_start, maximum: at_most });
    this.host = new Host(this.memory);
    this.exports = new WebAssembly.Instance(module, this.host.imports).exports;
    this.run(() => {
      this.exports._initialize();
      this.recognizer = this.exports.make_recognizer(...models.map((model) => this.#makeModel(model)));
    });
  }

  /** What `call` gives; where the module ends, an Error with what it had to say. */
  run(call) {
    try {
      return call();
    } catch (error) {
      const words = this.host.said.trim();
      throw words ? new Error(words, { cause: error }) : error;
    }
  }

  bytes(at, size) { return new Uint8Array(this.memory.buffer, at, size); }

  /** Where a copy of the bytes is. */
  put(bytes) {
    const at = this.exports.malloc(bytes.length);
    if (at === 0) throw new Error('out of memory');
    this.bytes(at, bytes.length).set(bytes);
    return at;
  }

  /** The text at an address, which is freed. */
  take(at) {
    const all = new Uint8Array(this.memory.buffer, at);
    const text = new TextDecoder().decode(all.slice(0, all.indexOf(0)));
    this.exports.free(at);
    return text;
  }

  #makeModel({ metadata, tensors }) {
    const architecture = new TextEncoder().encode(metadata['scrawl.architecture'] ?? '');
    const text = this.put(architecture);
    const names = this.take(this.exports.weight_names(text, architecture.length)).trim().split('\n');
    const missing = names.find((name) => !tensors.has(name));
    if (missing) throw new Error(`the model has no ${missing}`);
    const weights = new Float32Array(names.reduce((sum, name) => sum + tensors.get(name).length, 0));
    let filled = 0;
    for (const name of names) {
      weights.set(tensors.get(name), filled);
      filled += tensors.get(name).length;
    }
    const values = this.put(new Uint8Array(weights.buffer));
    const [mean, std] = (metadata['scrawl.normalization'] ?? '0.1307 0.3081').split(' ').map(Number);
    const model = this.exports.make_model(text, architecture.length, mean, std, Number(metadata['scrawl.temperature'] ?? 1), values, weights.length);
    this.exports.free(values);
    this.exports.free(text);
    return model;
  }
}

export class Recognizer {
  #instance = null;

  /** `wasm`, `digits` and `pages`: the bytes of scrawl.wasm and of both models. */
  static async load(wasm, digits, pages) {
    const made = new Recognizer();
    made.module = await WebAssembly.compile(wasm);
    made.models = [digits, pages].map((bytes) => parseSafetensors(bytes));
    made.#running();
    return made;
  }

  #running() {
    return this.#instance ??= new Instance(this.module, this.models);
  }

  #run(call) {
    const instance = this.#running();
    try {
      return instance.run(() => call(instance, instance.exports));
    } catch (error) {
      this.#instance = null;
      throw error;
    }
  }

  /** What a picture says: {text, confidence, digits}, as POST /v1/read?glyphs=true answers. `data` (height, width, red green blue alpha), as in an ImageData; `layout`: page, or one digit alone. */
  read({ width, height, data }, layout = 'page') {
    if (data.length !== 4 * width * height) throw new Error(`the picture is ${data.length} bytes, expected ${width} x ${height} x 4`);
    const answer = this.#run((instance, { make_picture, pixels_of, read, read_one }) => {
      const picture = make_picture(width, height);
      instance.bytes(pixels_of(picture), data.length).set(data);
      return instance.take((layout === 'one' ? read_one : read)(instance.recognizer, picture));
    });
    if (this.#instance.memory.buffer.byteLength > 4 * at_start * page) this.#instance = null;  // a large picture's memory is given back
    return JSON.parse(answer);
  }

  /** The ten probabilities of a glyph: 28x28 bytes, 0 paper, 255 ink. */
  classify(glyph) {
    if (glyph.length !== 784) throw new Error(`the glyph is ${glyph.length} bytes, expected 784`);
    return this.#run((instance, { classify, malloc, free }) => {
      const bytes = instance.put(glyph), out = malloc(40);
      classify(instance.recognizer, bytes, out);
      const probabilities = new Float32Array(instance.memory.buffer.slice(out, out + 40));
      free(bytes);
      free(out);
      return probabilities;
    });
  }
}
