// "See it think": what the page shows of a network while it reads, and of one in a file.
const fs = require('node:fs');
const path = require('node:path');
const { draw, expect, middle, screenshot, seesReading, source, strokes, test } = require('./browser.cjs');

const phone = { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true, deviceScaleFactor: 3 };

/** Until all of the last glyph has been thought of. */
async function hasThought(page, digit) {
  await page.locator('#think-asks', { hasText: `Why ${digit} (` }).waitFor();
  await page.waitForFunction(() => document.body.dataset.explained === document.body.dataset.thoughtId);
}

/** How many of a canvas's pixels are not of one color. */
const colorsOf = (locator) => locator.evaluate((canvas) => new Set(new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size);

async function open(page, file) {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.locator('#choose-model').click()]);
  await chooser.setFiles(file);
}

test('it thinks while the pen moves, and says why', {}, async (page) => {
  await page.locator('#open-think').click();
  await page.getByText('Write a digit, and watch.').waitFor();
  const sheet = await page.locator('#canvas').boundingBox(), at = (part) => [sheet.x + sheet.width * (.4 + .2 * part), sheet.y + sheet.height * (.3 + .4 * part)];
  await page.mouse.move(...at(0));
  await page.mouse.down();
  await page.mouse.move(...at(1), { steps: 20 });
  await page.waitForFunction(() => Number(document.body.dataset.thoughts) > 0);  // the pen is still down
  await page.mouse.up();
  await page.keyboard.press('Escape');
  await page.getByText('Write a digit, and watch.').waitFor();

  const frames = page.evaluate(() => new Promise((resolve) => {
    const begin = performance.now(), times = [], before = Number(document.body.dataset.thoughts);
    const count = (time) => {
      times.push(time);
      if (time - begin < 2000) requestAnimationFrame(count);
      else resolve({ frames: times.length / 2, thoughts: (Number(document.body.dataset.thoughts) - before) / 2 });
    };
    requestAnimationFrame(count);
  }));
  await page.mouse.move(...at(0));
  await page.mouse.down();
  for (let step = 0; step < 200; ++step) await page.mouse.move(...at(.5 + .5 * Math.sin(step / 9)));
  const rates = await frames;
  await page.mouse.up();
  await page.keyboard.press('Escape');
  console.log(`while the pen moves: ${rates.frames} frames and ${rates.thoughts} thoughts a second; one takes ${await page.evaluate(() => document.body.dataset.thinking)} ms`);
  expect(rates.thoughts > 0, 'it does not think while the pen moves');

  await draw(page, 4, middle);
  await seesReading(page, '4');
  await hasThought(page, 4);
  expect(await page.locator('.maps').count() === 5, 'not a picture for each layer');
  for (const canvas of await page.locator('.maps, #path-box, #path-scaled, #path-glyph, #think-why').all()) expect(await colorsOf(canvas) > 3, `nothing on ${await canvas.getAttribute('id') ?? 'a layer'}`);
  expect(await page.locator('#think-outputs .most').textContent() === '4', 'the largest output is another');
  expect(/Blue ink speaks for 4/.test(await page.locator('#think-why').getAttribute('aria-label')), 'a screen reader is not told why');
  await screenshot(page, 'thinking');
  await page.locator('#think-outputs .bar').nth(9).click();
  await page.locator('#think-asks', { hasText: /Why 9 .*and not 4/ }).waitFor();
  await page.locator('#language').click();
  await page.locator('#think-asks', { hasText: '为什么是 9' }).waitFor();
});

test('kernels are shown on hover and by keys, without moving the page', {}, async (page) => {
  await draw(page, 7, middle);
  await seesReading(page, '7');
  await page.locator('#open-think').click();
  await hasThought(page, 7);
  const maps = page.locator('.maps').first();
  await maps.hover({ position: { x: 5, y: 5 } });
  await page.locator('#think-kernel', { hasText: 'Map 1 of 32' }).waitFor();
  expect((await page.locator('#think-kernel').textContent()).includes('1 × 5×5'), 'not a kernel of 5x5');
  await screenshot(page, 'thinking-kernel');
  await page.mouse.move(2, 2);
  await page.locator('#think-kernel').waitFor({ state: 'hidden' });
  await page.locator('#think-outputs input:checked').focus();
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowRight');
  await page.locator('#think-kernel', { hasText: 'Map 2 of 32' }).waitFor();
  expect(/Map 2 of 32, strongest/.test(await maps.getAttribute('aria-valuetext')), 'a screen reader is not told which map');
  await page.keyboard.press('End');
  await page.locator('#think-kernel', { hasText: 'Map 32 of 32' }).waitFor();
});

test('of several digits one is chosen, the last written first', {}, async (page) => {
  await page.locator('#open-think').click();
  await draw(page, 7, { x: .2, y: .25, width: .2, height: .5 });
  await draw(page, 2, { x: .6, y: .25, width: .2, height: .5 });
  await seesReading(page, '72');
  await hasThought(page, 2);
  await page.locator('#think-digits label').first().click();
  await hasThought(page, 7);
  await page.locator('#close-think').click();
  await page.locator('#digits .digit').first().waitFor();
});

test('a model that is dropped thinks of the same glyphs; what is none is refused in words', {}, async (page, { scratch }) => {
  await draw(page, 7, middle);
  await seesReading(page, '7');
  const bytes = fs.readFileSync(path.join(source, 'models/default.safetensors'));
  const drop = await page.evaluateHandle((base64) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], 'mine.safetensors'));
    return transfer;
  }, bytes.toString('base64'));
  await page.dispatchEvent('#paper', 'drop', { dataTransfer: drop });
  await page.getByText('The network of mine.safetensors').waitFor();
  await hasThought(page, 7);
  const cut = path.join(scratch, 'cut.safetensors'), other = path.join(scratch, 'other.safetensors');
  fs.writeFileSync(cut, bytes.subarray(0, 1e6));
  await open(page, cut);
  await page.locator('#think-model', { hasText: 'bytes of F32' }).waitFor();
  await open(page, path.join(source, 'models/page_reader.safetensors'));
  await page.locator('#think-model', { hasText: 'another input than a glyph' }).waitFor();
  const header = Buffer.from('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  fs.writeFileSync(other, Buffer.concat([length, header, Buffer.alloc(4)]));
  await open(page, other);
  await page.locator('#think-model', { hasText: 'other.safetensors is no model of scrawl’s' }).waitFor();
  await page.locator('#own-model').click();
  await hasThought(page, 7);
});

test('the glyph under the pen is nearly that of the reading', {}, async (page) => {
  const differences = await page.evaluate(async (drawn) => {
    const { drawStrokes } = await import('./ink.js'), { previewGlyph } = await import('./preview_glyph.js'), { readPicture } = await import('./server.js'), { bytesOf } = await import('./glyph.js');
    const found = [];
    for (const [digit, width] of [[4, 14], [2, 24], [7, 5]]) {
      const strokes = drawn[digit].map((points) => ({ width, pressed: false, points: points.map(([x, y]) => ({ x: 120 + 150 * x, y: 80 + 230 * y })) }));
      const context = Object.assign(document.createElement('canvas'), { width: 400, height: 400 }).getContext('2d');
      context.fillStyle = '#fff';
      context.fillRect(0, 0, 400, 400);
      drawStrokes(context, strokes, '#000');
      const { digits: [read] } = await readPicture(context.canvas), { glyph } = previewGlyph(strokes);
      const ink = bytesOf(read.glyph), sum = (values) => values.reduce((a, b) => a + b);
      const apart = (by) => sum([...glyph].map((level, i) => Math.abs(level - (ink[i + by] ?? 0)))) / sum([...ink]);
      found.push(Math.min(...[0, -1, 1, -28, 28].map(apart)));  // a pixel to the side is as good, where its place was rounded
    }
    return found;
  }, strokes);
  console.log(`of the ink, in other pixels: ${differences.map((share) => share.toFixed(2)).join(', ')}`);
  expect(differences.every((share) => share < .25), `${differences}`);
});

test('it thinks on a phone too', phone, async (page) => {
  await page.locator('#open-think').click();
  await draw(page, 4, { x: .35, y: .15, width: .3, height: .7 }, 'finger');
  await seesReading(page, '4');
  await hasThought(page, 4);
  const { width, height } = page.viewportSize();
  for (const id of ['canvas', 'open-think', 'close-think', 'think-why']) {
    const box = await page.locator(`#${id}`).boundingBox();
    expect(box.x >= 0 && box.x + box.width <= width && box.y >= 0 && box.y + box.height <= height, `${id} is not on the screen`);
  }
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), 'the page is wider than the phone');
  await screenshot(page, 'thinking-phone');
});

