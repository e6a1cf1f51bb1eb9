// The npm package (web/npm), installed from its archive as its users would: reads PNGs and pixels, classifies glyphs, refuses
// what cannot be, reads on; its types, and what vite makes of it, in Chromium.
// usage: tests/node/run npm_package.mjs PAGE   (PAGE: what scripts/build-page made)
import assert from 'node:assert';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { crc32Of, encodePng } from './encode_png.mjs';

const [page] = process.argv.slice(2);
if (!existsSync(join(page, 'scrawl.wasm.gz'))) {
  console.log('skipped: the page is not built');
  process.exit(77);
}
const root = fileURLToPath(new URL('../..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'scrawl-npm-'));
after(() => rmSync(scratch, { recursive: true }));

const run = (program, ...words) => execFileSync(program, words, { cwd: scratch, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
run(join(root, 'scripts/build-npm'), '--page', page, '--out', join(scratch, 'package'));
const archive = run('npm', 'pack', './package', '--silent').trim();
writeFileSync(join(scratch, 'package.json'), '{"type": "module", "private": true}');
run('npm', 'install', '--offline', '--no-audit', '--no-fund', `./${archive}`);
const installed = join(scratch, 'node_modules/scrawl-digits');
writeFileSync(join(scratch, 'user.js'), "export * from 'scrawl-digits';\n");
const { Reader, ReadError } = await import(pathToFileURL(join(scratch, 'user.js')));
const { decodePng } = await import(pathToFileURL(join(installed, 'png.js')));
const example = (name) => readFileSync(join(root, 'examples/pictures', name));

test('the bytes of a PNG are read, and pixels alike', async () => {
  const reader = await Reader.load();
  for (const name of ['0-transparent.png', '2-marker.png', '3-thin-blue-pen.png', '5-small-off-center.png', '7-mnist.png']) {
    const reading = await reader.read(example(name));
    assert.equal(reading.text, name[0], name);
    assert.deepEqual(await reader.read(await decodePng(example(name))), reading);
    const bytes = example(name);
    assert.deepEqual(await reader.read(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)), reading);
  }
  const [digit] = (await reader.read(example('7-mnist.png'))).digits;
  assert.deepEqual(Object.keys(digit).sort(), ['box', 'confidence', 'digit', 'glyph', 'handwritten', 'probabilities']);
});

test('a reader that is not loaded loads when it reads, once for those who wait', async () => {
  const reader = new Reader();
  const texts = await Promise.all([reader.read(example('7-mnist.png')), reader.read(example('2-marker.png'))]);
  assert.deepEqual(texts.map(({ text }) => text), ['7', '2']);
});

test('200 glyphs a second and more are classified', async () => {
  const reader = await Reader.load();
  const [digit] = (await reader.read(example('7-mnist.png'))).digits;
  const glyph = Buffer.from(digit.glyph, 'base64');
  const probabilities = await reader.classify(glyph);
  assert.equal(probabilities.indexOf(Math.max(...probabilities)), 7);
  assert.ok(Math.abs(probabilities.reduce((a, b) => a + b) - 1) < 1e-5);
  const begin = process.cpuUsage();  // of this process alone, whatever else runs
  for (let i = 0; i < 200; ++i) await reader.classify(glyph);
  const { user, system } = process.cpuUsage(begin);
  console.log(`${Math.round(200e6 / (user + system))} glyphs a second`);
  assert.ok(user + system < 1e6, `200 glyphs take ${user + system} us`);
});

test('what is no picture is refused, and the next one read', async () => {
  const reader = await Reader.load();
  const whole = example('7-mnist.png');
  const damaged = Buffer.from(whole);
  damaged.fill(0, damaged.length / 2);
  const huge = encodePng({ width: 1, height: 1, color: 0, depth: 8, samples: () => 0 });
  huge.writeUInt32BE(1e6, 16);
  huge.writeUInt32BE(1e6, 20);
  huge.writeUInt32BE(crc32Of(huge.subarray(12, 29)), 29);
  const cases = [[Buffer.from('GIF89a'), /no PNG/], [whole.subarray(0, whole.length / 2), /cut short/], [damaged, /PNG: /], [huge, /1000000 x 1000000/],
    [null, /expected the bytes/], ['7.png', /expected the bytes/], [{ width: 2, height: 2, data: new Uint8Array(4) }, /expected the bytes/],
    [{ width: 1e9, height: 1e9, data: new Uint8Array(4) }, /expected the bytes/], [new Uint8Array(0), /no PNG/]];
  for (const [picture, message] of cases) {
    await assert.rejects(reader.read(picture), (error) => error instanceof ReadError && message.test(error.message));
  }
  await assert.rejects(reader.classify(new Uint8Array(783)), /784/);
  assert.equal((await reader.read(whole)).text, '7');
});

test('PNGs of every color type, depth, filter and interlacing are decoded', async () => {
  const kinds = [[0, 1], [0, 2], [0, 4], [0, 8], [0, 16], [2, 8], [2, 16], [3, 1], [3, 2], [3, 4], [3, 8], [4, 8], [4, 16], [6, 8], [6, 16]];
  for (const [color, depth] of kinds) {
    for (const interlaced of [false, true]) {
      for (const [width, height] of [[1, 1], [3, 2], [13, 11]]) {
        const samples = (x, y, channel) => (x * 7919 + y * 104729 + channel * 31 + ((x * y) << 5)) & (2 ** depth - 1);
        const palette = color === 3 ? Array.from({ length: 2 ** depth }, (_, i) => [i * 3 & 255, 255 - i, i * 7 & 255]) : null;
        const decoded = await decodePng(encodePng({ width, height, color, depth, samples, palette, interlaced }));
        const byte = (value) => (depth === 16 ? value >> 8 : Math.round(value * 255 / (2 ** depth - 1)));
        for (let y = 0; y < height; ++y) {
          for (let x = 0; x < width; ++x) {
            const at = (channel) => byte(samples(x, y, channel));
            const expected = { 0: () => [at(0), at(0), at(0), 255], 2: () => [at(0), at(1), at(2), 255], 3: () => [...palette[samples(x, y, 0)], 255],
              4: () => [at(0), at(0), at(0), at(1)], 6: () => [at(0), at(1), at(2), at(3)] }[color]();
            const begin = 4 * (y * width + x);
            assert.deepEqual([...decoded.data.subarray(begin, begin + 4)], expected, `color type ${color}, ${depth} bits, ${interlaced}, (${x}, ${y})`);
          }
        }
      }
    }
  }
});

const { resolve } = createRequire(import.meta.url);  // finds what NODE_PATH has
const tool = (name) => {
  try {
    return resolve(name);
  } catch {
    return null;
  }
};

test('the types allow what is right, and nothing else', { skip: tool('typescript') ? false : 'typescript is not here' }, () => {
  const options = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext', '--moduleResolution', 'nodenext'];
  const compile = (line) => {
    writeFileSync(join(scratch, 'typed.ts'), `import { Reader, ReadError, type Reading } from 'scrawl-digits';
const reader: Reader = await Reader.load();
${line}
export { reader, ReadError };
`);
    try {
      return run('node', tool('typescript/bin/tsc'), ...options, 'typed.ts');
    } catch (error) {
      return error.stdout;
    }
  };
  assert.equal(compile(`const reading: Reading = await reader.read(new Uint8Array(8));
const text: string = reading.text + reading.digits[0]?.box.width;
const p: Float32Array = await reader.classify(new Uint8Array(784));
await reader.read({ width: 1, height: 1, data: new Uint8ClampedArray(4) });
void [text, p];`), '');
  assert.match(compile("await reader.read('7.png');"), /TS2345/);
});

/** What chromium's page writes into its title. */
async function titleOf(folder) {
  const types = { html: 'text/html', js: 'text/javascript', png: 'image/png' };
  const host = createServer((request, response) => {
    const file = join(folder, request.url === '/' ? 'index.html' : request.url);
    if (!existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { 'Content-Type': types[file.split('.').at(-1)] ?? 'application/octet-stream' }).end(readFileSync(file));
  });
  await new Promise((done) => { host.listen(0, '127.0.0.1', done); });
  const { chromium } = createRequire(import.meta.url)('playwright-core');
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  try {
    const tab = await browser.newPage();
    await tab.goto(`http://127.0.0.1:${host.address().port}/`);
    await tab.waitForFunction("document.title !== ''", null, { timeout: 60000 });
    return await tab.title();
  } finally {
    await browser.close();
    host.close();
    host.closeAllConnections();
  }
}

const can_bundle = tool('vite') && tool('playwright-core') && existsSync('/usr/bin/chromium');
test('what vite builds reads in a browser', { skip: can_bundle ? false : 'vite, playwright or chromium is not here' }, async () => {
  const site = join(scratch, 'site');
  mkdirSync(join(site, 'public'), { recursive: true });
  writeFileSync(join(site, 'public/7.png'), example('7-mnist.png'));
  writeFileSync(join(site, 'index.html'), '<!doctype html><link rel="icon" href="data:,"><script type="module" src="main.js"></script>');
  writeFileSync(join(site, 'main.js'), `import { Reader } from 'scrawl-digits';
const reader = await Reader.load();
const png = await (await fetch('7.png')).arrayBuffer();
const bitmap = await createImageBitmap(new Blob([png]));
const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
context.drawImage(bitmap, 0, 0);
const image = context.getImageData(0, 0, bitmap.width, bitmap.height);
document.title = [await reader.read(png), await reader.read(image)].map(({ text }) => text).join(' ');
`);
  run('node', join(tool('vite/package.json'), '../bin/vite.js'), 'build', 'site', '--logLevel', 'error', '--target', 'esnext');
  assert.equal(await titleOf(join(site, 'dist')), '7 7');
});
