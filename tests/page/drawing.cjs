// Drawing: what is drawn is read, shown and spoken; undone, redone and cleared; by mouse, finger and in Chinese.
const { draw, expect, middle, screenshot, seesReading, test } = require('./browser.cjs');

test('an empty sheet asks for a number and reads nothing', {}, async (page) => {
  let asked = 0;
  page.on('request', (request) => { if (request.url().includes('/v1/read')) ++asked; });
  await page.locator('#hint').waitFor();
  await page.waitForLoadState('networkidle');
  expect(asked === 0, 'an empty sheet was sent');
  expect(await page.locator('#reading').textContent() === '', 'something was read');
  expect(await page.locator('.digit, .box').count() === 0, 'digits on an empty sheet');
  await screenshot(page, 'empty');
});

test('who has not been here before sees a number written and read, and pictures to try', { welcome: true, reducedMotion: 'no-preference' }, async (page) => {
  await page.waitForFunction(() => document.getElementById('reading').textContent === '42');
  await page.locator('#status', { hasText: 'An example' }).waitFor();
  await screenshot(page, 'welcome');
  expect(await page.locator('#samples img').evaluateAll((images) => images.length >= 3 && images.every((image) => image.naturalWidth > 0)), 'a sample is missing');
  await draw(page, 7, { x: .1, y: .1, width: .12, height: .4 });
  await seesReading(page, '7');
  await page.keyboard.press('Escape');
  await page.locator('#hint').waitFor();
  await page.locator('#samples button').nth(1).click();
  await seesReading(page, '9');
  await page.evaluate(() => sessionStorage.clear());
  await page.reload();
  await page.locator('#hint').waitFor();
  await page.waitForTimeout(1500);
  expect(await page.locator('#reading').textContent() === '', 'it is shown again to who knows it');
});

test('a 7 is read, in a box, with its glyph and ten probabilities', {}, async (page) => {
  await draw(page, 7, middle);
  await seesReading(page, '7');
  expect(await page.locator('#hint').isHidden(), 'the hint stands on a drawing');
  expect(await page.locator('#spoken').textContent() === 'It reads 7.', 'it is not spoken');
  expect(await page.locator('.digit .bar').count() === 10, 'not ten bars');
  const sheet = await page.locator('#canvas').boundingBox();
  const box = await page.locator('.box').boundingBox();
  const near = (found, share, from, size) => Math.abs((found - from) / size - share) < .04;
  expect(near(box.x, middle.x, sheet.x, sheet.width) && near(box.y, middle.y, sheet.y, sheet.height), `the box is at ${box.x}, ${box.y}`);
  const ink = await page.locator('.digit canvas').evaluate((canvas) => canvas.getContext('2d').getImageData(0, 0, 28, 28).data.filter((value, i) => i % 4 === 3 && value > 128).length);
  expect(ink > 30 && ink < 300, `${ink} pixels of ink in the glyph`);
  await page.waitForFunction(() => Number(document.body.dataset.took) > 0);
  console.log(`from the pen to the painted answer: ${await page.evaluate(() => document.body.dataset.took)} ms`);
  await screenshot(page, 'seven');
});

test('the answer is there while the pen is still down', {}, async (page) => {
  const sheet = await page.locator('#canvas').boundingBox();
  const at = (x, y) => [sheet.x + x * sheet.width, sheet.y + y * sheet.height];
  await page.mouse.move(...at(.5, .25));
  await page.mouse.down();
  await page.mouse.move(...at(.49, .7), { steps: 12 });
  await page.waitForFunction(() => document.getElementById('reading').textContent === '1');
  await page.mouse.up();
});

test('a 3 is read in the dark', { colorScheme: 'dark' }, async (page) => {
  await draw(page, 3, middle);
  await seesReading(page, '3');
  await screenshot(page, 'three-dark');
});

test('42 is read, with undo, redo and clear by buttons and keys', {}, async (page) => {
  await draw(page, 4, { x: .3, y: .25, width: .16, height: .5 });
  await draw(page, 2, { x: .54, y: .25, width: .16, height: .5 });
  await seesReading(page, '42');
  await screenshot(page, 'forty-two');
  await page.locator('#undo').click();
  await seesReading(page, '4');
  await page.locator('#redo').click();
  await seesReading(page, '42');
  await page.keyboard.press('Control+z');
  await seesReading(page, '4');
  await page.keyboard.press('Control+Shift+z');
  await seesReading(page, '42');
  await page.keyboard.press('Escape');
  await page.locator('#hint').waitFor();
  expect(await page.locator('#reading').textContent() === '', 'a reading of a cleared sheet');
  await page.keyboard.press('Control+z');
  await seesReading(page, '42');
  await page.locator('#clear').click();
  await page.locator('#hint').waitFor();
});

test('a finger draws on a phone, where all fits the screen', { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true, deviceScaleFactor: 3 }, async (page) => {
  await draw(page, 2, { x: .35, y: .25, width: .3, height: .5 }, 'finger');
  await seesReading(page, '2');
  const { width, height } = await page.evaluate(() => ({ width: document.documentElement.scrollWidth, height: document.documentElement.scrollHeight }));
  expect(width <= 360 && height <= 640, `the page is ${width}x${height}`);
  await page.getByText('Wrong? Tap the digit').waitFor();
  await screenshot(page, 'phone');
});

test('on the narrowest phone no button lies under another thing, in both languages', { viewport: { width: 280, height: 653 } }, async (page) => {
  for (const wide of ['en', 'zh-CN']) {
    await page.locator(`html[lang=${wide}]`).waitFor();
    const covered = await page.evaluate(() => [...document.querySelectorAll('#read button, #pen, .top button, .top a')].filter((element) => {
      const { left, right, top, bottom, width } = element.getBoundingClientRect();
      if (width === 0 || element.closest('[hidden]')) return false;
      const at = [left + 2, right - 2].map((x) => document.elementFromPoint(x, (top + bottom) / 2));
      return !at.every((seen) => element.contains(seen) || seen?.contains(element) && seen.tagName === 'LABEL');
    }).map((element) => element.id || element.textContent));
    expect(covered.length === 0, `covered in ${wide}: ${covered}`);
    await page.locator('#language').click();
  }
});

test('of three digits on a phone the last is cut, as a sign that they go on', { viewport: { width: 360, height: 740 } }, async (page) => {
  for (const [i, digit] of [7, 4, 2].entries()) await draw(page, digit, { x: .05 + .32 * i, y: .3, width: .2, height: .4 });
  await seesReading(page, '742');
  const { x, width } = await page.locator('.digit').nth(2).boundingBox();
  expect(x < 340 && x + width > 360, `the third is at ${x}, ${width} wide`);
});

test('a long number stands in one line, and is copied', { permissions: ['clipboard-read', 'clipboard-write'] }, async (page) => {
  for (let i = 0; i < 8; ++i) await draw(page, [7, 4, 2, 3][i % 4], { x: .02 + .123 * i, y: .35, width: .06, height: .25 });
  await page.waitForFunction(() => document.getElementById('reading').textContent.replace(/\s/g, '').length === 8);
  const { lines, inside } = await page.locator('#reading').evaluate((reading) => {
    const range = document.createRange();
    range.selectNodeContents(reading);
    return { lines: new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size, inside: reading.scrollWidth <= reading.clientWidth + 1 };
  });
  expect(lines === 1 && inside, `${lines} lines, ${inside ? '' : 'not '}all of it seen`);
  await screenshot(page, 'long-number');
  const text = await page.locator('#reading').textContent();
  await page.locator('#copy').click();
  await page.getByText('Copied:').waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText()) === text, 'the button copies something else');
  await page.evaluate(() => navigator.clipboard.writeText(''));
  await page.keyboard.press('Control+c');
  await page.waitForFunction(async (text) => await navigator.clipboard.readText() === text, text);
});

test('a drawing is there after a reload, until it is cleared', {}, async (page) => {
  await draw(page, 7, middle);
  await seesReading(page, '7');
  await page.reload();
  await seesReading(page, '7');
  await page.keyboard.press('Escape');
  await page.locator('#hint').waitFor();
  await page.reload();
  await page.locator('#hint').waitFor();
});

test('a stroke that begins beside the sheet is drawn, and selects nothing', {}, async (page) => {
  const sheet = await page.locator('#canvas').boundingBox();
  await page.mouse.move(sheet.x + sheet.width / 2, sheet.y - 20);  // on the header
  await page.mouse.down();
  await page.mouse.move(sheet.x + sheet.width / 2, sheet.y + sheet.height * .5, { steps: 12 });
  await page.mouse.up();
  await page.locator('#clear:enabled').waitFor();
  expect(await page.evaluate(() => getSelection().toString()) === '', 'it has selected text');
});

test('a pinch draws nothing', { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true }, async (page) => {
  const session = await page.context().newCDPSession(page), sheet = await page.locator('#canvas').boundingBox();
  const touch = (type, points) => session.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y], id) => ({ id, x: sheet.x + x, y: sheet.y + y })) });
  await touch('touchStart', [[100, 200]]);
  await touch('touchMove', [[104, 204]]);
  await touch('touchStart', [[104, 204], [220, 260]]);
  for (let i = 0; i < 8; ++i) await touch('touchMove', [[104 - 5 * i, 204 - 5 * i], [220 + 5 * i, 260 + 5 * i]]);
  await touch('touchEnd', []);
  await page.waitForTimeout(200);
  expect(await page.locator('#undo').isDisabled(), 'it has drawn');
  await page.locator('#hint').waitFor();
});

for (const [name, viewport] of [['phone-landscape', { width: 740, height: 360 }], ['zoom-200', { width: 640, height: 400 }]]) {
  test(`on a low window the sheet has most of the height: ${name}`, { viewport }, async (page) => {
    const sheet = await page.locator('#canvas').boundingBox();
    expect(sheet.height >= viewport.height - 64, `the sheet is ${sheet.height} high of ${viewport.height}`);
    for (const [i, digit] of [7, 4, 2].entries()) await draw(page, digit, { x: .08 + .3 * i, y: .02, width: .2, height: .7 });
    await seesReading(page, '742');
    const cut = await page.locator('.box span').evaluateAll((tags) => tags.filter((tag) => tag.getBoundingClientRect().top < document.getElementById('paper').getBoundingClientRect().top).length);
    expect(cut === 0, `${cut} tags are cut off at the top`);
    const unreached = await page.evaluate(() => {
      const answer = document.querySelector('.answer'), room = Math.min(window.innerHeight, answer.getBoundingClientRect().bottom);
      return document.documentElement.scrollHeight > window.innerHeight || (answer.scrollHeight > answer.clientHeight && getComputedStyle(answer).overflowY !== 'auto') || room <= 0;
    });
    expect(!unreached, 'not all of it can be reached');
    await screenshot(page, name);
  });
}

test('all stays on the sheet when the window becomes smaller', {}, async (page) => {
  await draw(page, 7, { x: .75, y: .25, width: .16, height: .5 });
  await seesReading(page, '7');
  await page.setViewportSize({ width: 600, height: 640 });
  await page.waitForFunction(() => {
    const sheet = document.getElementById('canvas').getBoundingClientRect(), box = document.querySelector('.box').getBoundingClientRect();
    return sheet.width < 600 && box.right < sheet.right && box.left > sheet.left + sheet.width / 2;
  });
});

test('Chinese browsers get Chinese; the language can be switched and is remembered', { locale: 'zh-CN', viewport: { width: 768, height: 1024 } }, async (page) => {
  expect(await page.locator('html').getAttribute('lang') === 'zh-CN', 'lang is not zh-CN');
  await page.getByText('在这里写一个数').waitFor();
  await draw(page, 7, middle);
  await seesReading(page, '7');
  expect(await page.locator('#spoken').textContent() === '读作 7。', 'it is not spoken in Chinese');
  const latin = await page.evaluate(() => [...document.querySelectorAll('[data-text], [data-label]')].map((element) => element.getAttribute('aria-label') ?? element.textContent).filter((text) => !/[\u4e00-\u9fff]/.test(text)));
  expect(latin.every((text) => ['English', 'Switch to English'].includes(text)), `not in Chinese: ${latin}`);
  await screenshot(page, 'chinese');
  await page.locator('#language').click();
  await page.getByText('Wrong? Tap the digit').waitFor();
  await page.reload();
  await page.getByText('Wrong? Tap the digit').waitFor();
  expect(await page.locator('html').getAttribute('lang') === 'en', 'the language is forgotten');
});

test('the colors can be switched and are remembered', {}, async (page) => {
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await paper();
  await page.locator('#scheme').click();
  const dark = await paper();
  expect(light !== dark, 'the colors stay');
  await page.reload();
  expect(await paper() === dark, 'the colors are forgotten');
});

test('a page whose server is gone says so, shows no old answer, and goes on when it is back', {}, async (page, { problems }) => {
  await draw(page, 3, { x: .1, y: .25, width: .16, height: .5 });
  await seesReading(page, '3');
  await page.keyboard.press('Escape');
  await page.locator('#hint').waitFor();
  await draw(page, 4, { x: .1, y: .25, width: .16, height: .5 });
  await seesReading(page, '4');
  await page.route('**/v1/read*', (route) => route.abort());
  await page.route('**/healthz', (route) => route.abort());
  await page.keyboard.press('Control+z');
  await draw(page, 7, middle);
  await page.locator('#banner', { hasText: 'does not respond' }).waitFor();
  await page.locator('#status', { hasText: 'Not read' }).waitFor();
  expect(await page.locator('#reading').textContent() === '' && await page.locator('.box').count() === 0, 'the old answer stands as if it were about this');
  const [banner, header] = await Promise.all(['#banner', '.top'].map((which) => page.locator(which).boundingBox()));
  expect(banner.y >= header.y + header.height - 1, 'the banner covers the header');
  await screenshot(page, 'gone');
  await page.locator('#clear').click();
  await draw(page, 7, middle);
  await page.unroute('**/v1/read*');
  await page.unroute('**/healthz');
  await page.locator('#banner').waitFor({ state: 'hidden' });
  await seesReading(page, '7');
  problems.length = 0;  // those were the point
});

test('a server with a token is asked with it', { serve: ['--token', 'open sesame'] }, async (page, { problems }) => {
  await page.reload();  // aborts what was still on its way
  await page.locator('#token').waitFor();
  let late = null;
  const refused = page.waitForResponse((response) => response.request() === late && response.status() === 401);
  await page.route('**/v1/model', async (route) => {  // the answer to this one comes after the token was given
    late ??= route.request();
    if (!route.request().headers().authorization) await page.locator('#token').waitFor({ state: 'hidden' });
    await route.continue();
  });
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  expect(await page.locator('#token-wrong').isHidden(), 'a token that nobody gave is called wrong');
  await page.locator('#token input').fill('open barley');
  await page.keyboard.press('Enter');
  await page.getByText('That was the wrong token.').waitFor();
  await page.locator('#token input').fill('open sesame');
  await page.keyboard.press('Enter');
  await refused;
  await draw(page, 7, middle);
  await seesReading(page, '7');
  for (let i = problems.length; i-- > 0;) if (/401|ERR_ABORTED/.test(problems[i])) problems.splice(i, 1);
});
