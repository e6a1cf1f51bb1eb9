// Pictures for the core as WebAssembly, decoded as the program decodes them.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSafetensors } from '../../web/static/safetensors.js';

const models = ['default', 'page_reader'].map((name) => fileURLToPath(new URL(`../../models/${name}.safetensors`, import.meta.url)));

/**
 * The pixels of picture files: [{name, width, height, channels, pixels}], out of the file of cases that `prepare`
 * (core_prepare) writes for the core's trial (tests/core/case_file.hpp).
 */
export function decoded(prepare, files) {
  const scratch = mkdtempSync(join(tmpdir(), 'scrawl-cases-')), file = join(scratch, 'cases');
  try {
    execFileSync(prepare, [file, ...files]);
    return casesIn(readFileSync(file));
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

function casesIn(content) {
  let at = 0;
  const take = (width) => {
    const size = content.readUInt32LE(at) * width;
    at += 4 + size;
    return content.subarray(at - size, at);
  };
  for (const model of models) {
    for (const width of [1, 4, ...Array(parseSafetensors(readFileSync(model)).tensors.size).fill(4)]) take(width);
  }
  return Array.from({ length: take(4).readUInt32LE() }, () => {
    const name = take(1).toString(), size = take(4), pixels = take(1);
    take(1);
    return { name, width: size.readInt32LE(0), height: size.readInt32LE(4), channels: size.readInt32LE(8), pixels };
  });
}

/** Red, green, blue and alpha, as in an ImageData. */
export function rgba({ width, height, channels, pixels }) {
  const data = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let i = 0; i < width * height; ++i) for (let c = 0; c < 3; ++c) data[4 * i + c] = pixels[channels * i + Math.min(c, channels - 1)];
  return { width, height, data };
}
