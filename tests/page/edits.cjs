// What people say about where digits are: boxes, joined and split digits, what is none, the whole number; and undoing it.
const { draw, expect, middle, screenshot, seesReading, test } = require('./browser.cjs');

const left = { x: .3, y: .25, width: .16, height: .5 }, right = { x: .54, y: .25, width: .16, height: .5 };

/** The number on the page, whether somebody has had a say in it or not. */
const says = (page, text) => page.waitForFunction((text) => document.getElementById('reading').textContent === text, text)
  .catch(async () => { throw new Error(`it says '${await page.locator('#reading').textContent()}', expected '${text}'`); });

async function dragBox(page, { x, y, width, height }) {
  await page.locator('#draw-box').click();
  const sheet = await page.locator('#canvas').boundingBox();
  await page.mouse.move(sheet.x + x * sheet.width, sheet.y + y * sheet.height);
  await page.mouse.down();
  await page.mouse.move(sheet.x + (x + width) * sheet.width, sheet.y + (y + height) * sheet.height, { steps: 5 });
  await page.mouse.up();
}

test('what is no digit is taken out, and a box brings it back; undo takes all of it back', {}, async (page) => {
  await draw(page, 4, left);
  await draw(page, 2, right);
  await seesReading(page, '42');
  await page.locator('.digit').nth(1).click();
  await screenshot(page, 'pick-more');
  await page.locator('.acts [value=none]').click();
  await says(page, '4');
  await dragBox(page, { x: .52, y: .2, width: .2, height: .6 });
  await page.locator('#pick').waitFor();
  await page.locator('.keys').getByText('8', { exact: true }).click();
  await says(page, '48');
  await page.getByText('Saved: 1 in your collection.').waitFor();
  for (const before of ['42', '4', '42']) {
    await page.locator('#undo').click();
    await says(page, before);
  }
});

test('two digits are joined, and one is split', {}, async (page) => {
  await draw(page, 4, left);
  await draw(page, 2, right);
  await seesReading(page, '42');
  await page.locator('.digit').first().click();
  await page.locator('.acts [value=join]').click();
  await page.locator('#pick').waitFor();
  await page.locator('.keys').getByText('6', { exact: true }).click();
  await says(page, '6');
  expect(await page.locator('.box').count() === 1, 'not one box');
  await page.locator('.digit').first().click();
  expect(await page.locator('.acts [value=join]').isHidden(), 'it offers to join with nothing');
  await page.locator('.acts [value=split]').click();
  await says(page, '42');
});

test('the whole number is typed', {}, async (page) => {
  await draw(page, 4, left);
  await draw(page, 2, right);
  await seesReading(page, '42');
  await page.locator('#type-number').click();
  await screenshot(page, 'type-number');
  await page.keyboard.type('47');
  await page.keyboard.press('Enter');
  await says(page, '47');
  await page.getByText('Saved: 1 in your collection.').waitFor();  // the digit that was misread, not the other one
  await page.locator('#type-number').click();
  await page.keyboard.type('4 175');
  await page.keyboard.press('Enter');
  await says(page, '4 175');
  expect(await page.locator('.digit').count() === 4, 'not a card for each digit');
  await page.locator('#undo').click();
  await says(page, '47');
});

test('what is refused can be tapped', {}, async (page) => {
  const sheet = await page.locator('#canvas').boundingBox();
  const at = (x, y) => [sheet.x + x * sheet.width, sheet.y + y * sheet.height];
  await draw(page, 7, middle);
  await seesReading(page, '7');
  await page.mouse.move(...at(.75, .5));  // a stroke that is no digit: a zigzag
  await page.mouse.down();
  for (let i = 1; i <= 7; ++i) await page.mouse.move(...at(.75 + .025 * i, i % 2 ? .44 : .52), { steps: 3 });
  await page.mouse.up();
  await page.locator('.box.refused').waitFor();
  expect(await page.locator('#how').textContent() === 'Tap a digit, or a ?, to say what it is.', 'nothing says so');
  await screenshot(page, 'refused');
  const refused = await page.locator('.box.refused').boundingBox();
  await page.mouse.click(refused.x + refused.width / 2, refused.y + refused.height / 2);
  await page.locator('#pick').waitFor();
  await page.locator('.keys').getByText('3', { exact: true }).click();
  await page.getByText('Saved: 1 in your collection.').waitFor();
  expect((await page.locator('#reading').textContent()).replace(' ', '') === '73', 'the reading does not have it');
});
