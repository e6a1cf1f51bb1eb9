// Pictures: chosen, dropped and pasted ones are read, with boxes where the digits are.
const fs = require('node:fs');
const path = require('node:path');
const { draw, expect, middle, screenshot, seesReading, source, test } = require('./browser.cjs');

const squared = path.join(source, 'examples/pictures/2026-squared-paper.jpg');
const seven = path.join(source, 'examples/pictures/7-mnist.png');

/** Drops or pastes files, as the browser does: an event with a DataTransfer. */
async function bring(page, event, file, type = 'image/png') {
  const files = [file].flat().map((one) => ({ name: path.basename(one), bytes: fs.readFileSync(one).toString('base64') }));
  await page.evaluate(({ event, files, type }) => {
    const transfer = new DataTransfer();
    for (const { name, bytes } of files) transfer.items.add(new File([Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0))], name, { type }));
    const made = event === 'paste' ? new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true }) : new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true });
    document.body.dispatchEvent(made);
  }, { event, files, type });
}

test('a chosen photo is read line by line, with a box on each digit', {}, async (page) => {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.locator('#choose').click()]);
  await chooser.setFiles(squared);
  await seesReading(page, '2026 11\n31415926\n718 28');
  expect(await page.locator('.box').count() === 19, 'not 19 boxes');
  const inside = await page.evaluate(() => {
    const sheet = document.getElementById('canvas').getBoundingClientRect();
    return [...document.querySelectorAll('.box')].every((box) => {
      const { left, right, top, bottom } = box.getBoundingClientRect();
      return left >= sheet.left && right <= sheet.right && top >= sheet.top && bottom <= sheet.bottom;
    });
  });
  expect(inside, 'a box is off the sheet');
  expect(await page.evaluate(() => document.documentElement.scrollHeight) <= 800, 'the page is higher than the window');
  await screenshot(page, 'photo');
  await page.locator('#remove-picture').click();
  await page.locator('#hint').waitFor();
  await draw(page, 7, middle);
  await seesReading(page, '7');
});

test('a pasted picture is read', {}, async (page) => {
  await bring(page, 'paste', seven);
  await seesReading(page, '7');
});

test('a dropped picture is read, and undo takes it back', {}, async (page) => {
  await draw(page, 3, middle);
  await seesReading(page, '3');
  await bring(page, 'drop', seven);
  await seesReading(page, '7');
  await page.keyboard.press('Control+z');
  await seesReading(page, '3');
});

test('of several pictures that are dropped at once all are there', {}, async (page) => {
  await bring(page, 'drop', [seven, path.join(source, 'examples/pictures/2-marker.png')]);
  await seesReading(page, '7');
  await page.locator('#picture-name', { hasText: '1 / 2' }).waitFor();
  await page.locator('#picture-after').click();
  await seesReading(page, '2');
  expect(await page.locator('#picture-after').isDisabled(), 'there seems to be a third');
  await page.locator('#picture-before').click();
  await seesReading(page, '7');
});

test('a text that is dropped leaves the drawing there, in the page\'s language', { locale: 'zh-CN' }, async (page, { problems }) => {
  await draw(page, 3, middle);
  await seesReading(page, '3');
  await bring(page, 'drop', path.join(source, 'LICENSE'), 'text/plain');
  await page.locator('#toast', { hasText: '不是图片' }).waitFor();
  expect(await page.locator('#reading').textContent() === '3', 'the drawing is gone');
  await bring(page, 'drop', path.join(source, 'LICENSE'));  // called a picture
  await page.locator('#toast', { hasText: '没有成功：这不是能读的图片格式' }).waitFor();
  await seesReading(page, '3');
  problems.length = 0;  // the server's 4xx is the point
});

test('a picture is turned', {}, async (page) => {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.locator('#choose').click()]);
  await chooser.setFiles(squared);
  await seesReading(page, '2026 11\n31415926\n718 28');
  const shape = () => page.evaluate(() => {
    const boxes = [...document.querySelectorAll('.box')].map((box) => box.getBoundingClientRect());
    return Math.max(...boxes.map(({ right }) => right)) - Math.min(...boxes.map(({ left }) => left)) > Math.max(...boxes.map(({ bottom }) => bottom)) - Math.min(...boxes.map(({ top }) => top)) ? 'wide' : 'high';
  });
  const wide = await shape();
  for (let i = 0; i < 4; ++i) await page.locator('#turn').click();
  await seesReading(page, '2026 11\n31415926\n718 28');
  expect(wide === await shape(), 'four turns are none');
  await page.locator('#undo').click();  // a quarter is missing
  await page.waitForFunction(() => document.getElementById('reading').textContent !== '2026 11\n31415926\n718 28');
});

test('a box drawn on a picture is read by itself', {}, async (page) => {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.locator('#choose').click()]);
  await chooser.setFiles(squared);
  await seesReading(page, '2026 11\n31415926\n718 28');
  const first = await page.locator('.box').first().boundingBox();
  await page.mouse.click(first.x + first.width / 2, first.y + first.height / 2);
  await page.locator('.acts [value=none]').click();
  await seesReading(page, '026 11\n31415926\n718 28');
  await page.mouse.move(first.x + 2, first.y + 2);
  await page.mouse.down();
  await page.mouse.move(first.x + first.width - 2, first.y + first.height - 2, { steps: 5 });
  await page.mouse.up();
  await page.locator('#pick').waitFor();
  await page.keyboard.press('Escape');
  await seesReading(page, '2026 11\n31415926\n718 28');
  await screenshot(page, 'box-on-picture');
});

test('what is no picture is refused in words', {}, async (page, { problems }) => {
  await bring(page, 'drop', path.join(source, 'LICENSE'));
  await page.locator('#status', { hasText: 'That did not work' }).waitFor();
  const words = await page.locator('#status').textContent();
  expect(!words.includes(': -:'), `a picture without a name is called -: ${words}`);
  problems.length = 0;  // the server's 4xx is the point
});
