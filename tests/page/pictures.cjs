// Pictures: chosen, dropped and pasted ones are read, with boxes where the digits are.
const fs = require('node:fs');
const path = require('node:path');
const { draw, expect, middle, screenshot, seesReading, source, test } = require('./browser.cjs');

const squared = path.join(source, 'examples/pictures/2026-squared-paper.jpg');
const seven = path.join(source, 'examples/pictures/7-mnist.png');

/** Drops or pastes a file, as the browser does: an event with a DataTransfer. */
async function bring(page, event, file) {
  await page.evaluate(({ event, name, bytes }) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0))], name, { type: 'image/png' }));
    const made = event === 'paste' ? new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true }) : new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true });
    document.body.dispatchEvent(made);
  }, { event, name: path.basename(file), bytes: fs.readFileSync(file).toString('base64') });
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
  await page.locator('#shown button').click();
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

test('what is no picture is refused in words', {}, async (page, { problems }) => {
  await bring(page, 'drop', path.join(source, 'LICENSE'));
  await page.locator('#status', { hasText: 'That did not work' }).waitFor();
  const words = await page.locator('#status').textContent();
  expect(!words.includes(': -:'), `a picture without a name is called -: ${words}`);
  problems.length = 0;  // the server's 4xx is the point
});
