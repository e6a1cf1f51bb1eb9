/** Pixels as in an ImageData: four bytes each, red, green, blue and alpha, row by row. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray | Uint8Array;
}

/** In pixels of the picture, from its top left. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Digit {
  digit: number;
  /** 0 to 1 */
  confidence: number;
  box: Box;
  /** How surely it is handwritten and not printed, 0 to 1. */
  handwritten: number;
  /** Of the digits 0 to 9. */
  probabilities: number[];
  /** What was classified: 28x28 bytes in base64, 0 paper to 255 ink. */
  glyph: string;
}

export interface Reading {
  /** All digits, with spaces between numbers and newlines between lines; empty where there are none. */
  text: string;
  /** Of the least certain digit. */
  confidence: number;
  digits: Digit[];
}

/** A picture that cannot be read. */
export declare class ReadError extends Error {}

/** Reads pictures, one at a time: a call computes on the thread that makes it. */
export declare class Reader {
  /** A reader that is ready; `new Reader()` loads its models when it first reads. */
  static load(): Promise<Reader>;
  /** Of pixels, or of the bytes of a PNG. Throws ReadError. */
  read(picture: Pixels | Uint8Array | ArrayBuffer): Promise<Reading>;
  /** The probabilities of the digits 0 to 9, of a glyph of 28x28 bytes as in MNIST: 0 paper, 255 ink. Throws ReadError. */
  classify(glyph: Uint8Array): Promise<Float32Array>;
}
