// The page without a server (scripts/build-page, $PAGE): it reads what it reads with one, from a plain web host and from the disk.
const fs = require('node:fs');
const path = require('node:path');
const { draw, expect, middle, screenshot, seesReading, source, test } = require('./browser.cjs');

if (!fs.existsSync(path.join(process.env.PAGE, 'index.html'))) {
  console.log('skipped: the page is not built');
  process.exit(77);
}

const phone = { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true, deviceScaleFactor: 3 };

for (const page of ['static', 'file']) {
  const from = page === 'file' ? 'from the disk' : 'from a web host';

  test(`a drawing is read ${from}`, { page }, async (page) => {
    expect(await page.getByText('Training', { exact: true }).isHidden(), 'it offers to train');
    await draw(page, 4, { x: .3, y: .25, width: .16, height: .5 });
    await draw(page, 2, { x: .54, y: .25, width: .16, height: .5 });
    await seesReading(page, '42');
    expect(await page.locator('.digit .bar').count() === 20, 'not ten bars for each digit');
    console.log(`from the pen to the painted answer: ${await page.evaluate(() => document.body.dataset.took)} ms`);
    await screenshot(page, `alone-${from.replaceAll(' ', '-')}`);
  });

  test(`a correction is kept ${from}, and there after a reload`, { page }, async (page) => {
    await draw(page, 7, middle);
    await seesReading(page, '7');
    await page.locator('.digit').click();
    await page.locator('.keys').getByText('1', { exact: true }).click();
    await page.getByText('Saved: 1 in your collection.').waitFor();
    await page.reload();
    await page.locator('#collection-size', { hasText: '1' }).waitFor();
    await page.locator('#open-collection').click();
    await page.locator('#items button').waitFor();
    expect(await page.locator('#learn').isEnabled(), 'it does not offer to learn');
    await screenshot(page, 'alone-collection');
    await page.locator('#items button').click();
    await page.getByText('Removed: 0 in your collection.').waitFor();
  });
}

test('five odd digits are learned in the browser, stay learned, and are unlearned', { page: 'static' }, async (page) => {
  await page.evaluate(async () => {
    const { send } = await import('./server.js'), { randomOf, write } = await import('./drawn_digits.js');
    const random = randomOf(5), mirrored = ['33 0 33 0 100 63 100 63 0 63 0 63', '33 0 33 0 33 100 33 100'];  // a four
    for (let i = 0; i < 5; ++i) await send('v1/corrections', { glyph: btoa(String.fromCharCode(...write(mirrored, random))), digit: 4 });
  });
  await page.reload();
  await page.locator('#collection-size', { hasText: '5' }).waitFor();
  await page.locator('#open-collection').click();
  const begin = Date.now();
  await page.locator('#learn').click();
  await page.locator('#learn-status', { hasText: 'Learned: it reads with your personal model' }).waitFor({ timeout: 240000 });
  console.log(`learned from five digits in ${((Date.now() - begin) / 1000).toFixed(1)} s`);
  expect((await page.locator('#learn-table tbody tr').first().textContent()).endsWith('100 %'), 'they are not all read after it');
  await screenshot(page, 'alone-learned');
  await page.reload();
  await page.locator('#open-collection').click();
  await page.getByText('It has learned your handwriting.').waitFor();
  const { before, now } = await page.evaluate(async () => {
    const { modelFile } = await import('./server.js'), { parseSafetensors } = await import('./safetensors.js'), { Network } = await import('./network.js');
    const { randomOf, write } = await import('./drawn_digits.js'), { unpacked } = await import('./unpacked.js');
    const random = randomOf(6), others = Array.from({ length: 10 }, () => write(['33 0 33 0 100 63 100 63 0 63 0 63', '33 0 33 0 33 100 33 100'], random));
    const read = (bytes) => {
      const network = new Network(parseSafetensors(bytes));
      return others.filter((glyph) => { const logits = network.values(glyph).at(-1); return logits.indexOf(Math.max(...logits)) === 4; }).length;
    };
    return { before: read(await unpacked('digits.safetensors.gz')), now: read(await modelFile()) };
  });
  expect(before < 5 && now > 8, `of ten others ${before} were read before, ${now} are now`);
  await page.locator('#go-back').click();
  await page.getByText('It reads with the built-in model.').waitFor();
});

test('what the pen leaves on the paper is read though the reading before has not come to its end', { page: 'static' }, async (page) => {
  await page.evaluate(() => {
    const post = Worker.prototype.postMessage, workers = new Map();  // -> whether it has loaded its files
    window.held = 0;
    Worker.prototype.postMessage = function (message, transferred) {
      if (!workers.has(this)) {
        workers.set(this, false);
        this.addEventListener('message', ({ data }) => { if (data.loaded) workers.set(this, true); });
      }
      if (window.holding && message.picture && window.held === 0 && ++window.held) return undefined;  // the first is never answered
      return post.call(this, message, transferred);
    };
    window.loaded = () => [...workers.values()].filter(Boolean).length;
  });
  await draw(page, 7, middle);
  await seesReading(page, '7');
  if (await page.evaluate(() => navigator.hardwareConcurrency) < 2) return;
  await page.waitForFunction(() => window.loaded() >= 1);  // the second one; the first was asked for its files before
  await page.keyboard.press('Escape');
  await page.evaluate(() => { window.holding = true; });
  await draw(page, 3, middle);
  await seesReading(page, '3');
  expect(await page.evaluate(() => window.held) === 1, 'no reading was held up');
});

test('it thinks without a server', { page: 'static' }, async (page) => {
  await draw(page, 4, middle);
  await seesReading(page, '4');
  await page.locator('#open-think').click();
  await page.locator('#think-asks', { hasText: 'Why 4 (' }).waitFor();
  expect(await page.locator('.maps').count() === 5, 'not a picture for each layer');
});

test('it thinks, in one file from the disk', { page: 'file' }, async (page) => {
  await page.locator('#open-think').click();
  await page.locator('#think-model', { hasText: 'The network that reads.' }).waitFor();
});

test('each of the example pictures is read as scrawl reads it', { page: 'static' }, async (page) => {
  const folder = path.join(source, 'examples/pictures');
  for (const name of fs.readdirSync(folder).filter((file) => !file.startsWith('blank'))) {
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.locator('#choose').click()]);
    await chooser.setFiles(path.join(folder, name));
    await seesReading(page, name.startsWith('2026') ? '2026 11\n31415926\n718 28' : name[0]);
    await page.keyboard.press('Escape');
  }
});

test('what is no picture is refused in words', { page: 'static' }, async (page) => {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.locator('#choose').click()]);
  await chooser.setFiles(path.join(source, 'LICENSE'));
  await page.locator('#status', { hasText: 'PNG and JPEG always work' }).waitFor();
  await draw(page, 7, middle);
});

test('a finger draws on a phone without a server', { page: 'static', ...phone }, async (page) => {
  await draw(page, 2, { x: .35, y: .25, width: .3, height: .5 }, 'finger');
  await seesReading(page, '2');
  await screenshot(page, 'alone-phone');
});

test('it opens and reads without a network once it has been there', { page: 'static' }, async (page) => {
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  await page.context().setOffline(true);
  await page.reload();
  await draw(page, 3, middle);
  await seesReading(page, '3');
  await page.context().setOffline(false);
});

test('it can be installed', { page: 'static' }, async (page) => {
  const session = await page.context().newCDPSession(page);
  const { errors, url } = await session.send('Page.getAppManifest');
  expect(url && errors.length === 0, `the manifest: ${JSON.stringify(errors)}`);
  const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
  expect(installabilityErrors.every(({ errorId }) => errorId === 'in-incognito'), `it cannot be installed: ${JSON.stringify(installabilityErrors)}`);
});

test('a link carries the drawing, whoever opens it', { page: 'static', permissions: ['clipboard-read', 'clipboard-write'] }, async (page) => {
  await draw(page, 7, middle);
  await seesReading(page, '7');
  await page.locator('#share').click();
  await screenshot(page, 'alone-share');
  await page.getByText('Copy a link').click();
  await page.getByText('The link carries the drawing').waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link.startsWith(page.url().split('#')[0] + '#ink='), `the link is ${link}`);
  console.log(`a link to a 7: ${link.length} characters`);
  await page.goto('about:blank');
  await page.goto(link);
  await seesReading(page, '7');
  await page.goto(link.slice(0, -20));
  await page.getByText('There is no drawing in that link').waitFor();
});

test('the number is copied, and what is there is saved as PNG, SVG, CSV and JSON', { page: 'static', permissions: ['clipboard-read', 'clipboard-write'] }, async (page) => {
  await draw(page, 4, { x: .3, y: .25, width: .16, height: .5 });
  await draw(page, 2, { x: .54, y: .25, width: .16, height: .5 });
  await seesReading(page, '42');
  await page.locator('#share').click();
  await page.getByText('Copy the number').click();
  await page.getByText('Copied: 42').waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText()) === '42', 'another text is in the clipboard');
  const saved = {};
  for (const kind of ['PNG', 'SVG', 'CSV', 'JSON']) {
    await page.locator('#share').click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByText(`as ${kind}`).click()]);
    expect(download.suggestedFilename() === `scrawl-42.${kind.toLowerCase()}`, `it is called ${download.suggestedFilename()}`);
    saved[kind] = await download.path();
  }
  const content = (kind) => fs.readFileSync(saved[kind], 'utf8');
  expect(content('SVG').match(/<path /g).length === 3, 'the SVG has not three strokes');
  const rows = content('CSV').trim().split('\r\n');
  expect(rows.length === 3 && rows[1].startsWith('1,1,4,,0.') && rows[2].startsWith('1,1,2,,0.'), `the CSV is ${rows.join(' | ')}`);
  expect(JSON.parse(content('JSON')).text === '42', 'the JSON says something else');
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.locator('#choose').click()]);
  await chooser.setFiles({ name: 'saved.png', mimeType: 'image/png', buffer: fs.readFileSync(saved.PNG) });
  await page.locator('#shown').waitFor();
  await page.locator('#status', { hasText: 'reading' }).waitFor({ state: 'hidden' });
  await seesReading(page, '42');
});

test('where a model did not come, it says so, and asks for it again with the next drawing', { page: 'static', serviceWorkers: 'block' }, async (page, { problems }) => {
  await page.context().route('**/*.safetensors.gz', (route) => route.abort());
  await page.reload();
  await draw(page, 7, middle);
  await page.locator('#status', { hasText: 'That did not work' }).waitFor();
  await page.context().unroute('**/*.safetensors.gz');
  await page.keyboard.press('Escape');
  await draw(page, 3, middle);
  await seesReading(page, '3');
  problems.length = 0;  // the failed requests are the point
});
