// Corrections: what someone says a digit is goes into the collection, can be taken back, and is learned.
const { spawn } = require('node:child_process');
const os = require('node:os');
const { draw, expect, middle, mnist, patience, screenshot, seesReading, test } = require('./browser.cjs');

const size = async (page) => (await (await page.request.get(new URL('v1/corrections', page.url()).href)).json()).size;

test('a tapped card asks what it is; the answer is saved, shown, and undone', {}, async (page) => {
  await draw(page, 7, middle);
  await seesReading(page, '7');
  await page.locator('.digit').click();
  await screenshot(page, 'pick');
  await page.locator('.keys').getByText('1', { exact: true }).click();
  await page.getByText('Saved: 1 in your collection.').waitFor();
  expect(await page.locator('#reading em').textContent() === '1', 'the reading is not corrected');
  expect(await page.locator('#collection-size').textContent() === '1', 'the count is not shown');
  expect(await size(page) === 1, 'the server has not saved it');
  await page.locator('#toast button').click();
  await page.getByText('Undone: 0 in your collection.').waitFor();
  expect(await size(page) === 0, 'the server has it still');
  expect(await page.locator('#reading').textContent() === '7', 'the reading is still corrected');
});

test('a tap on a digit on the sheet asks too, and draws nothing', { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true }, async (page) => {
  await draw(page, 3, { x: .35, y: .3, width: .3, height: .45 }, 'finger');
  await seesReading(page, '3');
  const box = await page.locator('.box').boundingBox();
  await page.touchscreen.tap(box.x + box.width / 3, box.y + box.height / 4);
  await page.locator('.keys').getByText('8', { exact: true }).tap();
  await page.getByText('Saved: 1 in your collection.').waitFor();
  await page.locator('#undo').click();  // the correction
  await page.getByText('Undone: 0 in your collection.').waitFor();
  expect(await page.locator('#reading').textContent() === '3', 'the correction stands');
  await page.locator('#redo').click();
  await page.getByText('8', { exact: true }).first().waitFor();
  await page.waitForFunction(() => document.querySelector('#reading em')?.textContent === '8');
  expect(await size(page) === 1, 'what is done again is not saved again');
  await page.locator('#undo').click();
  await page.waitForFunction(() => !document.querySelector('#reading em'));
  await page.locator('#undo').click();
  await page.locator('#hint').waitFor();  // there was one stroke
});

test('a correction does not go to a digit that is no longer there, and is what a screen reader says', {}, async (page) => {
  await draw(page, 7, middle);
  await seesReading(page, '7');
  await page.locator('.digit').click();
  await page.keyboard.press('Escape');
  await page.route('**/v1/read*', async (route) => {  // the answer to what is drawn now takes its time
    await new Promise((resolve) => { setTimeout(resolve, 1000); });
    await route.continue().catch(() => {});  // those that come late go on by themselves
  });
  await draw(page, 4, { x: .7, y: .25, width: .16, height: .5 });
  await page.keyboard.press('5');
  await page.unroute('**/v1/read*');
  await page.waitForFunction(() => document.getElementById('spoken').textContent === 'It reads 74.');
  expect(await size(page) === 0, 'the digit of before was corrected');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('1');
  await page.locator('.digit[aria-label^="1, as you say. Digit 1 of 2."]').waitFor();
});

test('two tabs agree about the collection', {}, async (page) => {
  const other = await page.context().newPage();
  await other.goto(page.url());
  await page.bringToFront();  // one in the background paints once a second or so
  await draw(page, 7, middle);
  await seesReading(page, '7');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('1');
  await page.getByText('Saved: 1 in your collection.').waitFor();
  await other.waitForFunction(() => document.getElementById('collection-size').textContent === '1', null, { polling: 100 });
});

test('without MNIST, learning and training say so before anybody tries', { serve: ['--data', '/nowhere'] }, async (page) => {
  await draw(page, 7, middle);
  await seesReading(page, '7');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('1');
  await page.getByText('Saved: 1 in your collection.').waitFor();
  await page.locator('#open-collection').click();
  await page.locator('#learn-status', { hasText: 'scrawl data fetch' }).waitFor();
  expect(await page.locator('#learn').isDisabled(), 'it offers to learn');
  await page.keyboard.press('Escape');
  await page.locator('nav a[href="#training"]').click();
  await page.locator('#train-status', { hasText: 'scrawl data fetch' }).waitFor();
  expect(await page.locator('#start').isDisabled(), 'it offers to train');
});

test('a server for other machines without a token offers nothing that it refuses', { serve: ['--host', '0.0.0.0'] }, async (page) => {
  await page.locator('nav a[href="#training"]').waitFor({ state: 'hidden' });
  expect(await page.locator('#open-collection').isHidden(), 'it offers a collection');
  await draw(page, 7, middle);
  await seesReading(page, '7');
  await page.locator('.digit').click();
  await page.locator('.keys').getByText('1', { exact: true }).click();
  await page.waitForFunction(() => document.querySelector('#reading em')?.textContent === '1');
});

test('a server for other machines says where they find it', {}, async () => {
  const server = spawn(process.env.SCRAWL, ['serve', '--host', '0.0.0.0', '--port', '0', '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  server.stderr.on('data', (data) => { said += data; });
  const printed = await new Promise((resolve) => { server.stdout.once('data', resolve); });
  const { url, urls_for_others: others } = JSON.parse(printed);
  server.kill('SIGTERM');
  await new Promise((resolve) => { server.once('close', resolve); });
  expect(/^http:\/\/127\.0\.0\.1:\d+$/.test(url), `this machine is to open ${url}`);
  const addresses = Object.values(os.networkInterfaces()).flat().filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => `http://${address}:${new URL(url).port}`);
  expect(JSON.stringify(others.sort()) === JSON.stringify(addresses.sort()), `others are to open ${others}, expected ${addresses}`);
  for (const other of others) expect(said.includes(`other machines open ${other}`), `it says ${said}`);
});

test('what was learned and not kept is explained, and kept all the same', {}, async (page) => {
  const job = { kind: 'learning', running: false, progress: 1, seconds: 3, error: null, error_code: null, losses: [[0.1, 1], [1, 0.5]], before: { mnist: 0.9967, collection: 0.5 },
    after: { mnist: 0.9951, collection: 1 }, kept: false, reason: 'it forgets too much: 0.2 points', reason_code: 'forgets', can_keep: true };
  await page.waitForLoadState('networkidle');
  await page.route('**/v1/job', (route) => route.fulfill({ json: job }));  // a learning that forgets so much is rare
  await page.reload();
  await page.locator('#open-collection').click();
  await page.locator('#learn-status', { hasText: 'Correct some more digits' }).waitFor();
  await screenshot(page, 'not-kept');
  await page.route('**/v1/learn/keep', async (route) => {
    job.kept = true;
    job.can_keep = false;
    await route.fulfill({ json: { source: 'personal', can_undo: true, may_teach: true, has_mnist: true, metadata: {} } });
  });
  await page.locator('#keep-learned').click();
  await page.locator('#learn-status', { hasText: 'Kept, as you wish' }).waitFor();
  expect(await page.locator('#go-back').isVisible() && await page.locator('#keep-learned').isHidden(), 'there is no way back');
});

test('the keyboard alone chooses, corrects, looks at the collection and removes from it', {}, async (page) => {
  await draw(page, 4, { x: .3, y: .25, width: .16, height: .5 });
  await draw(page, 2, { x: .54, y: .25, width: .16, height: .5 });
  await seesReading(page, '42');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  expect(await page.evaluate(() => document.activeElement.matches('.digit:nth-child(2)')), 'the arrows do not lead to the second digit');
  await page.keyboard.press('7');
  await page.getByText('Saved: 1 in your collection.').waitFor();
  expect(await page.locator('#reading').textContent() === '47', 'the second digit is not corrected');
  await page.keyboard.press('Enter');
  await page.locator('#pick').waitFor();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.getElementById('reading').textContent === '48');
  expect(await size(page) === 1, 'a second word on the same digit is a second digit');
  await page.locator('#open-collection').focus();
  await page.keyboard.press('Enter');
  await page.locator('#items button').focus();
  await screenshot(page, 'collection');
  await page.keyboard.press('Enter');
  await page.getByText('Removed: 0 in your collection.').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('#collection').waitFor({ state: 'hidden' });
  expect(await page.locator('#reading').textContent() === '42', 'Escape has cleared the sheet behind the drawer, or the removed word stands');
});

test('of two digits pressed quickly the later one stays, whichever answer is slower', {}, async (page) => {
  await draw(page, 7, middle);
  await seesReading(page, '7');
  const sent = [];
  let open = 0, most = 0, release, arrive;
  const held = new Promise((resolve) => { release = resolve; });
  const arrived = new Promise((resolve) => { arrive = resolve; });
  await page.route('**/v1/corrections', async (route) => {
    most = Math.max(most, ++open);
    sent.push(route.request().postDataJSON().digit);
    if (sent.length === 1) {
      arrive();
      await held;  // the first one is slow
    }
    const response = await route.fetch();
    --open;
    await route.fulfill({ response });
  });
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('1');
  await arrived;  // on a busy machine the page may else see all three before it sends any
  await page.keyboard.press('2');
  await page.keyboard.press('3');
  release();
  await page.waitForFunction(() => document.querySelector('#reading em')?.textContent === '3');
  expect(sent.join() === '1,3', `sent: ${sent}`);
  expect(most === 1, `${most} at once`);
  await page.unroute('**/v1/corrections');
  const { digits } = await (await page.request.get(new URL('v1/corrections', page.url()).href)).json();
  expect(digits[3] === 1 && digits.reduce((a, b) => a + b) === 1, `the server has ${digits}`);
});

test('a large collection comes in pages', {}, async (page) => {
  const url = new URL('v1/corrections', page.url()).href;
  const count = 205;
  for (let i = 0; i < count; ++i) {
    const glyph = Buffer.alloc(784);
    glyph.fill(255, 100 + i, 140 + i);
    await page.request.post(url, { data: { glyph: glyph.toString('base64'), digit: i % 10 } });
  }
  await page.locator('#open-collection').click();
  await page.locator('#more-items').click();
  await page.waitForFunction((all) => document.querySelectorAll('#items button').length === all, count);
  expect(await page.locator('#more-items').isHidden(), 'there seems to be more');
  const names = await page.locator('#collection-size').textContent();
  expect(names === String(count), `it says ${names}`);
  await page.locator('#items button').nth(202).click();
  await page.getByText(`Removed: ${count - 1} in your collection.`).waitFor();
  expect(await page.locator('#items button').count() === count - 1, 'the rest is not there any more');
});

test('it learns handwriting, says how it went, and goes back', { needs: mnist }, async (page) => {
  await draw(page, 7, middle);
  await seesReading(page, '7');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('7');
  await page.getByText('Saved: 1 in your collection.').waitFor();
  const early = [];  // what was said to run and to have a result at once, of which the page would show one half
  page.on('response', async (response) => {
    if (!response.url().endsWith('v1/job')) return;
    const job = await response.json();
    if (job.running && job.after) early.push(job);
  });
  await page.locator('#open-collection').click();
  await page.locator('#learn').click();
  await page.locator('#learn-progress').waitFor();
  await page.locator('#learn-table').waitFor({ timeout: 15 * patience });
  const words = await page.locator('#learn-status').textContent();
  expect(early.length === 0, 'a result came before the end');
  expect(/^(Learned|Not kept): .{20}/.test(words), `it says: ${words}`);
  expect(/\. [A-Z].*\.$/.test(words), `the reason is no sentence: ${words}`);
  expect(/\d %.*99\.\d\d %/s.test(await page.locator('#learn-table').innerText()), 'the table is not filled');
  expect(await page.locator('#learn-chart polyline').count() === 1, 'no curve');
  await screenshot(page, 'learned');
  if (words.startsWith('Learned')) {
    await page.locator('#go-back').click();
    await page.getByText('It reads as before.').waitFor();
  }
  await page.keyboard.press('Escape');
  await seesReading(page, '7');
});
