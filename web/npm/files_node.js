// The package's files, in Node.
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

const names = { wasm: 'scrawl.wasm.gz', digits: 'digits.safetensors.gz', pages: 'pages.safetensors.gz' };

export const loadFile = async (name) => promisify(gunzip)(await readFile(new URL(names[name], import.meta.url)));
