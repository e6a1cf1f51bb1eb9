// Forms: fields are drawn on a scan, others are read by them, and what is doubtful is corrected by keyboard.
const fs = require('node:fs');
const { expect, patience, screenshot, strokes, test } = require('./browser.cjs');

const width = 800, height = 1100;
const fields = { code: [100, 200, 320, 80], mark: [500, 200, 180, 80] };  // in pixels of the page

/** A scan as a PNG: `answers` by field (none: the blank form), shifted and turned by `turn` degrees. */
async function scan(page, name, answers = {}, turn = 0, shift = [0, 0]) {
  const png = await page.evaluate(({ width, height, fields, strokes, answers, turn, shift }) => {
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const pen = canvas.getContext('2d');
    pen.fillStyle = '#f4f2ec';
    pen.fillRect(0, 0, width, height);
    pen.translate(width / 2 + shift[0], height / 2 + shift[1]);
    pen.rotate(turn * Math.PI / 180);
    pen.translate(-width / 2, -height / 2);
    pen.fillStyle = pen.strokeStyle = '#333';
    pen.font = '28px sans-serif';
    pen.fillText('Application for a library card', 100, 100);
    pen.font = '18px sans-serif';
    for (let line = 0; line < 12; ++line) pen.fillText('Please write clearly, one digit after the other, and sign below.'.slice(line * 3), 100, 420 + 48 * line);
    for (const [name, [x, y, w, h]] of Object.entries(fields)) {
      pen.lineWidth = 2;
      pen.fillText(name, x, y - 12);
      pen.strokeRect(x, y, w, h);
      pen.lineWidth = 5;
      pen.lineCap = pen.lineJoin = 'round';
      [...answers[name] ?? ''].forEach((digit, i) => {
        for (const stroke of strokes[digit]) {
          pen.beginPath();
          for (const [px, py] of stroke) pen.lineTo(x + 24 + 68 * i + 30 * px, y + 16 + 48 * py);
          pen.stroke();
        }
      });
    }
    return canvas.toDataURL('image/png').split(',')[1];
  }, { width, height, fields, strokes, answers, turn, shift });
  return { name, mimeType: 'image/png', buffer: Buffer.from(png, 'base64') };
}

async function choose(page, button, files) {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.locator(button).click()]);
  await chooser.setFiles(files);
}

async function download(page, button) {
  const [file] = await Promise.all([page.waitForEvent('download'), page.locator(button).click()]);
  return fs.readFileSync(await file.path(), 'utf8');
}

/** Draws a field with the mouse, a little larger than its box is printed. */
async function drawField(page, [x, y, w, h]) {
  const sheet = await page.locator('#form-sheet').boundingBox();
  const place = (px, py) => [sheet.x + px / width * sheet.width, sheet.y + py / height * sheet.height];
  await page.mouse.move(...place(x - 3, y - 3));
  await page.mouse.down();
  await page.mouse.move(...place(x + w / 2, y + h / 2), { steps: 4 });
  await page.mouse.move(...place(x + w + 3, y + h + 3), { steps: 4 });
  await page.mouse.up();
}

async function describe(page, index, name, kind, rule) {
  const row = page.locator('#form-fields li').nth(index);
  await row.locator('input').first().fill(name);
  await row.locator('select').selectOption(kind);
  await row.locator('.rule').fill(rule);
  await row.locator('.rule').press('Tab');
}

async function makeForm(page) {
  await page.locator('nav a[href="#forms"]').click();
  await choose(page, '#form-scan', await scan(page, 'blank.png'));
  await page.locator('#form-sheet img').waitFor();
  await drawField(page, fields.code);
  await describe(page, 0, 'code', 'digits', '4');
  await drawField(page, fields.mark);
  await describe(page, 1, 'mark', 'range', '0-40');
}

test('fields that are drawn on a scan are read on others, however these lie', {}, async (page) => {
  await makeForm(page);
  const form = JSON.parse(await download(page, '#form-save'));
  expect(form.reference === 'blank.png' && form.unit === 'share', `the form is ${JSON.stringify(form)}`);
  expect(form.fields[0].digits === 4 && form.fields[1].range.join() === '0,40', `the fields are ${JSON.stringify(form.fields)}`);
  expect(Math.abs(form.fields[0].box[0] - 97 / width) < .005, `the box is ${form.fields[0].box}`);
  await choose(page, '#form-read', [
    await scan(page, 'one.png', { code: '2374', mark: '27' }, 3, [20, -25]),
    await scan(page, 'two.png', { code: '7432' }, -2, [-15, 30])]);
  await page.locator('#form-rows tr').nth(1).waitFor();
  await page.locator('#form-stop').waitFor({ state: 'hidden' });
  const table = await download(page, '#form-table');
  const [head, one, two] = table.split('\n').map((line) => line.split(','));
  expect(head.join() === 'file,code,mark,code state,code confidence,mark state,mark confidence', `the head is ${head}`);
  expect(one.slice(0, 4).join() === 'one.png,2374,27,sure', `the first is ${one}`);
  expect(two.slice(0, 4).join() === 'two.png,7432,,sure' && two[5] === 'blank', `the second is ${two}`);
  await screenshot(page, 'forms');
  await screenshot(page, 'forms-table', { fullPage: true });
});

test('what is not expected is corrected by keyboard, and can be learned', {}, async (page) => {
  await makeForm(page);
  await choose(page, '#form-read', await Promise.all(['73', '74', '72'].map((mark, i) => scan(page, `${i}.png`, { code: '2374', mark }))));
  await page.locator('#form-rows tr').nth(2).waitFor();
  await page.locator('#form-review', { hasText: '3' }).click();
  expect(await page.locator('.review-card').count() === 3, 'not three cards');
  await screenshot(page, 'forms-review');
  const start = Date.now();
  await page.keyboard.type('23\n');  // it was no 7
  await page.keyboard.type('\n');  // it is what it is
  await page.keyboard.press('Delete');
  await page.locator('#review-left', { hasText: 'All are done' }).waitFor();
  const took = Date.now() - start;
  expect(took < 3000, `three fields took ${took} ms`);
  await page.keyboard.press('Enter');
  await page.locator('#review').waitFor({ state: 'hidden' });
  await page.waitForFunction(() => document.getElementById('collection-size').textContent === '1', null, { timeout: patience });
  const rows = (await download(page, '#form-table')).split('\n').map((line) => line.split(','));
  expect(rows.slice(1, 4).map((row) => row[2]).join() === '23,74,', `the marks are ${rows.map((row) => row[2])}`);
  expect(rows[1][5] === 'checked', `the state is ${rows[1][5]}`);
});

test('a scan of something else is refused in words', {}, async (page) => {
  await makeForm(page);
  const other = await page.evaluate(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 800, height: 1100 });
    const pen = canvas.getContext('2d');
    pen.fillStyle = '#fff';
    pen.fillRect(0, 0, 800, 1100);
    pen.fillStyle = '#333';
    for (let i = 0; i < 60; ++i) pen.fillRect(37 * i % 700, 91 * i % 1000, 30 + 7 * i % 60, 6);
    return canvas.toDataURL('image/png').split(',')[1];
  });
  await choose(page, '#form-read', [{ name: 'other.png', mimeType: 'image/png', buffer: Buffer.from(other, 'base64') }]);
  await page.locator('#form-rows .wrong', { hasText: 'does not look like the form' }).waitFor();
  await page.locator('#language').click();
  await page.locator('h1', { hasText: '表格' }).waitFor();
});
