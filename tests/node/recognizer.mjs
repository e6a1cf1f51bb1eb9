// The core as WebAssembly in Node (web/static/recognizer.js): reads what `scrawl read` reads, refuses what cannot be, and reads on.
// usage: node recognizer.mjs CORE_PREPARE SCRAWL PAGE   (PAGE: what scripts/build-page made)
import assert from 'node:assert';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Network } from '../../web/network.js';
import { parseSafetensors } from '../../web/static/safetensors.js';
import { Recognizer } from '../../web/static/recognizer.js';
import { decoded, rgba } from './pictures.mjs';

const [prepare, scrawl, page] = process.argv.slice(2);
if (!existsSync(join(page, 'scrawl.wasm.gz'))) {
  console.log('skipped: the page is not built');
  process.exit(77);
}
const root = fileURLToPath(new URL('../..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'scrawl-node-'));
after(() => rmSync(scratch, { recursive: true }));

const packed = (name) => gunzipSync(readFileSync(join(page, `${name}.gz`)));
const wasm = packed('scrawl.wasm');
const whole = ['default', 'page_reader'].map((name) => readFileSync(join(root, 'models', `${name}.safetensors`)));
const small = await Recognizer.load(wasm, packed('digits.safetensors'), packed('pages.safetensors'));
const exact = await Recognizer.load(wasm, ...whole);

/** What the program reads in the same pixels. */
function readByProgram({ name, width, height, channels, pixels }) {
  const file = join(scratch, `${name}.pnm`);
  writeFileSync(file, Buffer.concat([Buffer.from(`P${channels === 1 ? 5 : 6} ${width} ${height} 255\n`), pixels]));
  try {
    return JSON.parse(execFileSync(scrawl, ['read', '--json', '--quiet', file], { stdio: ['ignore', 'pipe', 'ignore'] }));
  } catch (error) {
    if (error.status !== 1) throw error;  // 1: no digits
    return { text: '', digits: [] };
  }
}

const near = (a, b, most, what) => assert(Math.abs(a - b) <= most, `${what}: ${a}, the program says ${b}`);

/** What two boxes have in common, of both together: 0 to 1. */
function overlap(a, b) {
  const shared = (at, size) => Math.max(0, Math.min(a[at] + a[size], b[at] + b[size]) - Math.max(a[at], b[at]));
  const common = shared('x', 'width') * shared('y', 'height');
  return common / (a.width * a.height + b.width * b.height - common);
}

const examples = join(root, 'examples/pictures');
for (const picture of decoded(prepare, readdirSync(examples).map((name) => join(examples, name)))) {
  test(`${picture.name} says the same as to the program`, () => {
    const program = readByProgram(picture);
    for (const [recognizer, confidence] of [[exact, 0.02], [small, 0.05]]) {
      const { text, digits } = recognizer.read(rgba(picture));
      assert.equal(text, program.text);
      digits.forEach((digit, i) => {
        near(digit.confidence, program.digits[i].confidence, confidence, 'confidence');
        const { box } = program.digits[i];
        assert(overlap(digit.box, box) >= 0.7, `box ${JSON.stringify(digit.box)}, the program says ${JSON.stringify(box)}`);
        digit.probabilities.forEach((p, j) => near(p, program.digits[i].probabilities[j], confidence, `probability of ${j}`));
        assert.deepEqual(Object.keys(digit).sort(), [...Object.keys(program.digits[i]), 'glyph'].sort());
        assert.equal(Buffer.from(digit.glyph, 'base64').length, 784);
      });
    }
  });
}

test('a glyph has ten probabilities', () => {
  const glyph = new Uint8Array(784);
  for (let y = 4; y < 24; ++y) glyph.fill(255, 28 * y + 13, 28 * y + 15);
  const probabilities = small.classify(glyph);
  near(probabilities.reduce((a, b) => a + b), 1, 1e-5, 'sum');
  assert.equal(probabilities.indexOf(Math.max(...probabilities)), 1);
});

test('the network that the page shows thinks as the core does', () => {
  const network = new Network(parseSafetensors(whole[0])), glyph = new Uint8Array(784);
  for (let y = 4; y < 24; ++y) glyph.fill(200, 28 * y + 12, 28 * y + 12 + y % 5);
  const core = exact.classify(glyph), mine = network.probabilities(network.values(glyph)), top = core.indexOf(Math.max(...core));
  core.forEach((p, digit) => near(Math.log(mine[digit] / mine[top]), Math.log(p / core[top]), 1e-3, `logit of ${digit}`));
});

test('what cannot be is refused in words, and the next picture is read all the same', () => {
  assert.throws(() => small.read({ width: 0, height: 5, data: new Uint8Array(0) }), /no pixels/);
  assert.throws(() => small.read({ width: 5, height: 5, data: new Uint8Array(7) }), /7 bytes, expected 5 x 5 x 4/);
  assert.throws(() => small.classify(new Uint8Array(10)), /10 bytes, expected 784/);
  assert.equal(small.read({ width: 40, height: 40, data: new Uint8ClampedArray(6400).fill(255) }).text, '');
});

test('a damaged model is refused in words', async () => {
  await assert.rejects(Recognizer.load(wasm, whole[0].subarray(0, 100), whole[1]), /no safetensors file/);
  await assert.rejects(Recognizer.load(wasm, whole[0].subarray(0, 5e5), whole[1]), /conv|fc|norm/);
  await assert.rejects(Recognizer.load(wasm, whole[1], whole[0]), /./);
});
