// The training tab: a network is trained, with curves, mistakes and confusions; and can be stopped.
const { expect, mnist, patience, screenshot, test } = require('./browser.cjs');

test('the presets are the server\'s, with what was measured of each', {}, async (page) => {
  const { presets } = await page.evaluate(async () => (await fetch('v1/presets')).json());
  await page.locator('nav a[href="#training"]').click();
  await page.locator('#start:enabled').waitFor();
  expect(await page.locator('#train [name=model]').count() === presets.length, 'not all presets');
  for (const { name, epochs, accuracy, summary } of presets) {
    await page.locator(`[value=${name}]`).check();
    const said = await page.locator('label', { has: page.locator(`[value=${name}]`) }).innerText();
    expect(said.includes(summary) && said.includes(`${accuracy.toFixed(2)} %`), `${name}: ${said}`);
    expect(await page.locator('#train [name=epochs]').inputValue() === String(epochs), `${name}: not its epochs`);
  }
});

test('a network is trained before our eyes', { needs: mnist }, async (page) => {
  await page.locator('nav a[href="#training"]').click();
  await page.locator('#train [name=epochs]').fill('2');
  await page.locator('#start').click();
  await page.locator('#stop').waitFor();
  await page.locator('#train-status', { hasText: 'of the validation digits read correctly' }).waitFor({ timeout: 15 * patience });
  expect(await page.locator('#accuracy-chart circle').count() === 4, 'not two epochs of two curves');
  expect(await page.locator('#loss-chart polyline.batches').evaluate((line) => line.points.length) > 5, 'no curve of batches');
  expect(await page.locator('#confusion td.correct').count() === 10, 'no confusion matrix');
  const mistakes = await page.locator('#mistakes li').count();
  expect(mistakes > 0 && mistakes <= 24, `${mistakes} mistakes`);
  await screenshot(page, 'trained', { fullPage: true });
});

test('training stops when told, on a phone in Chinese and in the dark', { needs: mnist, locale: 'zh-CN', colorScheme: 'dark', viewport: { width: 360, height: 640 } }, async (page) => {
  await page.goto(new URL('#training', page.url()).href);
  await page.locator('[value=good]').check();
  expect(await page.locator('#train [name=epochs]').inputValue() === '3', 'a preset brings its epochs');
  await page.locator('#train [name=epochs]').fill('50');
  await page.locator('#start').click();
  await page.locator('#loss-chart polyline.batches[points*=","]').waitFor();
  await screenshot(page, 'training-phone', { fullPage: true });
  await page.locator('#stop').click();
  await page.locator('#start').waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth) <= 360, 'it is wider than a phone');
});
