// What the tests of the page share: a server and a browser for each test, a hand that draws, and an eye on what goes wrong.
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const { chromium } = require('playwright-core');

const patience = 20000;  // ms for whatever is waited for: slow machines are no failure
const tests = [];
const chromiumOptions = [];  // what a file of tests wants besides

/** `options` are of playwright's browser context; options.needs: a file without which the test is skipped; options.serve: arguments; options.page: see hostPage; options.welcome: as one who has not been here before. */
function test(name, options, body) {
  tests.push({ name, options, body });
}

/** scrawl serve with all that it keeps in a scratch folder. */
async function serve(scratch, extra = []) {
  const env = { ...process.env, XDG_DATA_HOME: path.join(scratch, 'data'), SCRAWL_CORRECTIONS: path.join(scratch, 'corrections') };
  const server = spawn(process.env.SCRAWL, ['serve', '--port', '0', '--quiet', ...extra], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise((resolve, reject) => {
    let printed = '';
    server.stdout.on('data', (data) => {
      printed += data;
      const found = /http:\S+/.exec(printed);
      if (found && printed.includes('\n')) resolve(found[0].replace('0.0.0.0', '127.0.0.1'));
    });
    server.once('exit', (code) => reject(new Error(`scrawl serve ended with ${code}`)));
  });
  return { url, stop: () => new Promise((resolve) => { server.once('exit', resolve); server.kill('SIGTERM'); }) };
}

/** The page without a server (scripts/build-page), from a plain web host, or as one file from the disk: options.page is 'static' or 'file'. */
async function hostPage(kind) {
  const folder = process.env.PAGE;
  if (kind === 'file') return { url: pathToFileURL(path.join(folder, 'scrawl.html')).href, stop: async () => {} };
  const types = { html: 'text/html', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml', png: 'image/png', jpg: 'image/jpeg', webmanifest: 'application/manifest+json' };
  const host = http.createServer((request, response) => {
    const name = path.basename(new URL(request.url, 'http://host').pathname) || 'index.html', file = path.join(folder, name);
    if (!fs.existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { 'Content-Type': types[name.split('.').at(-1)] ?? 'application/octet-stream' }).end(fs.readFileSync(file));
  });
  await new Promise((resolve) => { host.listen(0, '127.0.0.1', resolve); });
  const stop = () => new Promise((resolve) => {
    host.close(resolve);
    host.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${host.address().port}/`, stop };
}

/** With WEB=web in the environment: the page's files as they are there now, without building the program anew. */
async function takeFilesFrom(context, folder) {
  const types = { html: 'text/html', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml', jpg: 'image/jpeg', png: 'image/png' };
  await context.route((url) => /^http/.test(url) && (url.pathname === '/' || /^\/[\w-]+\.(html|js|css|svg|jpg|png)$/.test(url.pathname)), (route) => {
    const name = new URL(route.request().url()).pathname.slice(1) || 'index.html';
    const file = [path.join(folder, name), path.join(source, 'examples/pictures', name)].find((one) => fs.existsSync(one));
    if (!file) return route.continue();
    route.fulfill({ path: file, contentType: types[name.split('.').at(-1)] });
  });
}

/** Fails the test on an error of the page, a failed request, or one that goes elsewhere. */
function watch(page, url, problems) {
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) problems.push(`console: ${message.text()}`); });
  page.on('pageerror', (error) => problems.push(error.stack));
  page.on('requestfailed', (request) => {
    const { errorText } = request.failure();
    if (errorText !== 'net::ERR_ABORTED') problems.push(`failed: ${request.method()} ${request.url()} ${errorText}`);  // aborted by a reload
  });
  page.on('response', (response) => { if (response.status() >= 400) problems.push(`${response.status()}: ${response.url()}`); });
  page.on('request', (request) => {
    if (!/^(blob|data):/.test(request.url()) && new URL(request.url()).origin !== new URL(url).origin) problems.push(`to another origin: ${request.url()}`);
  });
}

// Digits as strokes in a unit square, x to the right, y down.
const strokes = {
  1: [[[.1, .18], [.45, .03], [.55, 0], [.55, .5], [.5, 1]]],
  2: [[[0, .22], [.08, .1], [.25, .01], [.5, 0], [.75, .06], [.88, .2], [.85, .36], [.7, .52], [.4, .75], [.1, .95], [0, 1], [.4, .98], [1, .99]]],
  3: [[[.05, .12], [.25, .02], [.55, 0], [.8, .08], [.87, .22], [.78, .37], [.55, .46], [.38, .47], [.6, .5], [.85, .6], [.93, .76], [.8, .92], [.5, 1], [.2, .98], [0, .88]]],
  4: [[[.55, 0], [.4, .25], [.2, .48], [0, .66], [.4, .65], [1, .64]], [[.72, .34], [.71, .66], [.7, 1]]],
  7: [[[0, .03], [.5, .01], [1, 0], [.8, .3], [.6, .62], [.45, 1]]],
  8: [[[.8, .1], [.5, 0], [.2, .1], [.15, .25], [.3, .4], [.55, .5], [.8, .63], [.9, .8], [.75, .95], [.5, 1], [.2, .93], [.08, .78], [.2, .62], [.5, .48], [.75, .35], [.85, .2], [.78, .08]]],
};

/** Draws a digit into a box given in shares of the sheet, with the mouse, or with a finger by raw touch events. */
async function draw(page, digit, { x, y, width, height }, by = 'mouse') {
  const sheet = await page.locator('#canvas').boundingBox();
  const place = ([px, py]) => [sheet.x + (x + px * width) * sheet.width, sheet.y + (y + py * height) * sheet.height];
  const session = by === 'finger' ? await page.context().newCDPSession(page) : null;
  const touch = (type, points) => session.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([px, py]) => ({ x: px, y: py })) });
  for (const stroke of strokes[digit]) {
    const [first, ...rest] = stroke.map(place);
    if (session) {
      await touch('touchStart', [first]);
      for (const point of rest) await touch('touchMove', [point]);
      await touch('touchEnd', []);
    } else {
      await page.mouse.move(...first);
      await page.mouse.down();
      for (const point of rest) await page.mouse.move(...point, { steps: 3 });
      await page.mouse.up();
    }
  }
}

const middle = { x: .42, y: .25, width: .16, height: .5 };

/** Waits until the page says that it read `text`, to the eye and, which is only of what is on the sheet with the pen up, to a screen reader. */
async function seesReading(page, text) {
  const isSaid = (text) => {
    const spoken = document.getElementById('spoken').textContent;
    return document.getElementById('reading').textContent === text && spoken !== '' && spoken.includes(text.replaceAll('\n', ', '));
  };
  await page.waitForFunction(isSaid, text, { timeout: patience })
    .catch(async () => { throw new Error(`read '${await page.locator('#reading').textContent()}', expected '${text}'`); });
}

function expect(condition, otherwise) {
  if (!condition) throw new Error(otherwise);
}

async function screenshot(page, name, options = {}) {
  fs.mkdirSync(process.env.SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: path.join(process.env.SCREENSHOTS, `${name}.png`), ...options });
}

async function runOne(browser, { options, body }) {
  const { serve: extra, page: kind, welcome, ...contextOptions } = options;
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'scrawl-page-'));
  const server = kind ? await hostPage(kind) : await serve(scratch, extra);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US', reducedMotion: 'reduce', ...contextOptions });
  context.setDefaultTimeout(patience);
  try {
    if (!welcome) await context.addInitScript(() => { try { localStorage.setItem('scrawl.wrote', 'yes'); } catch { /* about:blank */ } });
    if (process.env.WEB && !kind) await takeFilesFrom(context, process.env.WEB);
    const page = await context.newPage();
    const problems = [];
    watch(page, server.url, problems);
    await page.goto(server.url);
    await body(page, { server, problems, scratch });
    expect(problems.length === 0, problems.join('\n'));
  } finally {
    await context.close();
    await server.stop();
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

async function runAll() {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', ...chromiumOptions] });
  let failed = 0;
  for (const one of tests.filter(({ name }) => name.includes(process.env.ONLY ?? ''))) {
    const start = Date.now();
    const { needs, ...options } = one.options;
    if (needs && !fs.existsSync(needs)) {
      console.log(`skipped: ${one.name}: no ${needs}`);
      continue;
    }
    try {
      await runOne(browser, { ...one, options });
      console.log(`passed: ${one.name} (${Date.now() - start} ms)`);
    } catch (error) {
      ++failed;
      console.log(`FAILED: ${one.name}\n${error.stack}`);
    }
  }
  await browser.close();
  process.exitCode = failed ? 1 : 0;
}

setImmediate(runAll);

const source = path.join(__dirname, '../..');
const mnist = path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'), 'scrawl/mnist/train-images-idx3-ubyte');
module.exports = { chromiumOptions, draw, expect, middle, mnist, patience, screenshot, seesReading, source, strokes, test };
