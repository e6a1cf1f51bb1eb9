// What a visitor of the page without a server gets, in MB as it is sent: packed files as they are, the others by gzip.
// usage: node bench/page-sizes.mjs [DIST]   (scripts/build-page makes DIST)
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const [dist = new URL('../dist', import.meta.url).pathname] = process.argv.slice(2);
const samples = new Set([...readFileSync(join(dist, 'samples.js'), 'utf8').matchAll(/'([\w.-]+\.(?:jpg|png))'/g)].map(([, name]) => name));

function kindOf(name) {
  if (name === 'scrawl.html') return 'scrawl.html, all in one file, as it is on a disk';
  if (name === 'preview.jpg') return 'what other sites show beside a link';
  if (name === 'scrawl.wasm.gz') return 'WebAssembly';
  if (name.endsWith('.safetensors.gz')) return 'models';
  return samples.has(name) ? 'pictures to try' : 'page and icons';
}

const sizes = new Map();
for (const name of readdirSync(dist)) {
  const content = readFileSync(join(dist, name)), kind = kindOf(name);
  const size = name.endsWith('.gz') || name === 'scrawl.html' ? content.length : gzipSync(content, { level: 9 }).length;
  sizes.set(kind, (sizes.get(kind) ?? 0) + size);
}
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`;
const all = ['models', 'WebAssembly', 'page and icons', 'pictures to try'].reduce((sum, kind) => sum + sizes.get(kind), 0);
for (const [kind, size] of sizes) console.log(`${kind}: ${megabytes(size)}`);
console.log(`all that a visitor gets: ${megabytes(all)}`);
