// From the moment when the pen leaves the paper to the painted answer, on the page without a server, in headless Chromium:
// the median and the range of some drawings of one digit and of eight.
// usage: PAGE=dist [ROUNDS=15] tests/page/run ../../bench/pen-to-paint.cjs - /tmp/screenshots   (scripts/build-page makes dist)
const { draw, middle, seesReading, test } = require('../tests/page/browser.cjs');

const rounds = Number(process.env.ROUNDS ?? 15);
const sheets = { 'one digit': ['7', () => middle], 'eight digits': ['27432347', (i) => ({ x: .04 + .12 * i, y: .35, width: .07, height: .25 })] };

/** Milliseconds, once what was read last is painted. */
async function took(page) {
  await page.evaluate(() => new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(resolve)); }));
  return page.evaluate(() => Number(document.body.dataset.took));
}

for (const [name, [text, place]] of Object.entries(sheets)) {
  test(name, { page: 'file' }, async (page) => {
    const times = [];
    for (let round = 0; round <= rounds; ++round) {  // the first one waits for the models
      for (const [i, digit] of [...text].entries()) await draw(page, digit, place(i));
      await seesReading(page, text);
      times.push(await took(page));
      await page.keyboard.press('Escape');
      await page.locator('#hint').waitFor();
    }
    const [first, ...later] = times;
    later.sort((a, b) => a - b);
    console.log(`${name}: ${later[later.length >> 1].toFixed(0)} ms in the median of ${rounds} (${later[0].toFixed(0)} to ${later.at(-1).toFixed(0)}), ${first.toFixed(0)} ms the first time`);
  });
}
