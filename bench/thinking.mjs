// What "see it think" costs: CPU time of one answer with all values between, and of finding what speaks for and against it.
// usage: node bench/thinking.mjs [IMAGES [MODEL]]
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Network } from '../web/network.js';
import { occlude, strongestOther } from '../web/occlusion.js';
import { parseSafetensors } from '../web/static/safetensors.js';

const root = new URL('..', import.meta.url).pathname;
const [count = '100', model = join(root, 'models/default.safetensors')] = process.argv.slice(2);
const mnist = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'scrawl/mnist');
const images = readFileSync(join(mnist, 't10k-images-idx3-ubyte')).subarray(16);
const network = new Network(parseSafetensors(readFileSync(model)));
const glyphs = Array.from({ length: Number(count) }, (_, i) => images.subarray(784 * i, 784 * (i + 1)));

function measure(name, some, work) {
  some.slice(0, 20).forEach(work);  // until it is compiled
  const begin = process.cpuUsage();
  some.forEach(work);
  const { user, system } = process.cpuUsage(begin);
  console.log(`${name}: ${((user + system) / 1000 / some.length).toFixed(1)} ms`);
}

measure('an answer', glyphs, (glyph) => network.values(glyph));
measure('for and against', glyphs.slice(0, 20), (glyph) => {
  const logits = network.values(glyph).at(-1), digit = logits.indexOf(Math.max(...logits));
  const steps = occlude(network, glyph, digit, strongestOther(logits, digit));
  while (!steps.next().done);
});
