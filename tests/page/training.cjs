// The training tab: a network is trained, with curves, mistakes and confusions; and can be stopped.
const fs = require('node:fs');
const { draw, expect, middle, mnist, patience, screenshot, seesReading, test } = require('./browser.cjs');

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

test('a network is trained before our eyes, reads, is compared, downloaded, kept, and stands under its own name', { needs: mnist }, async (page) => {
  await draw(page, 7, middle);
  await seesReading(page, '7');
  const own = await page.locator('.digit .bar i').evaluateAll((all) => all.map((bar) => bar.style.transform).join());
  await page.locator('nav a[href="#training"]').click();
  await page.locator('[value=lenet]').check();
  await page.locator('[value=mlp]').check();
  await page.locator('#train [name=epochs]').fill('3');
  await page.locator('#start').click();
  await page.locator('#stop').waitFor();
  await page.locator('#train-status', { hasText: /^mlp: 9\d\.\d\d % of the test digits read correctly, 9\d\.\d\d % of the validation digits/ }).waitFor({ timeout: 15 * patience });
  expect(await page.locator('#accuracy-chart circle').count() === 6, 'not three epochs of two curves');
  const losses = (await (await page.request.get(new URL('v1/job', page.url()).href)).json()).losses;
  expect(await page.locator('#loss-chart polyline.batches').evaluate((line) => line.points.length) > 5, 'no curve of batches');
  // A mean that begins anew with each epoch would fall at once by a third there; noise does not.
  const around = (at) => [[at - .08, at - .005], [at + .005, at + .08]].map(([from, to]) => {
    const values = losses.filter(([done]) => done > from && done < to).map(([, loss]) => loss);
    return values.reduce((a, b) => a + b) / values.length;
  });
  const [before, after] = around(1 / 3);
  expect(after > .6 * before, `the loss falls from ${before} to ${after} where an epoch ends`);
  expect(await page.locator('#confusion td.correct').count() === 10, 'no confusion matrix');
  const mistakes = await page.locator('#mistakes li').count();
  expect(mistakes > 0 && mistakes <= 24, `${mistakes} mistakes`);
  await page.locator('#trained-name', { hasText: 'mlp' }).waitFor();
  await page.locator('#trained-about', { hasText: 'of the 10,000 test digits' }).waitFor();
  await screenshot(page, 'trained', { fullPage: true });
  await page.locator('nav a[href="#read"]').click();
  await page.locator('#open-think').click();
  await page.locator('#trained-model').click();
  await page.getByText('in training, after epoch 3').waitFor();
  await page.locator('#think-asks', { hasText: 'Why ' }).waitFor();
  expect(await page.locator('.maps').count() === 2, 'not the layers of the network that was trained');
  await page.locator('#own-model').click();
  await page.getByText('The network that reads.').waitFor();
  await page.locator('#close-think').click();
  await page.locator('nav a[href="#training"]').click();
  const [file] = await Promise.all([page.waitForEvent('download'), page.locator('#trained-save').click()]);
  expect(file.suggestedFilename() === 'scrawl-mlp.safetensors', `it is called ${file.suggestedFilename()}`);
  expect(fs.readFileSync(await file.path()).includes('scrawl.architecture'), 'it is no model');
  await page.locator('#trained-try').click();
  await page.locator('#networks [aria-checked=true]', { hasText: 'mlp' }).waitFor();
  await page.waitForFunction(() => [...document.querySelectorAll('#networks b')].every(({ textContent }) => /^[0-9]$/.test(textContent)));  // a network of three epochs may take it for another digit
  const bars = (same) => page.waitForFunction(({ own, same }) => ([...document.querySelectorAll('.digit .bar i')].map((bar) => bar.style.transform).join() === own) === same, { own, same });
  await bars(false);  // its own probabilities
  await page.locator('#networks button').first().click();
  await bars(true);
  await screenshot(page, 'trained-compared');
  await page.locator('nav a[href="#training"]').click();
  await page.locator('#trained-keep').click();
  await page.getByText('Kept: scrawl reads with mlp').waitFor();
  const source = async () => (await (await page.request.get(new URL('v1/model', page.url()).href)).json()).source;
  expect(await source() === 'personal', 'it is not kept');
  await page.locator('#toast button').click();
  await page.getByText('It reads as before.').waitFor();
  expect(await source() === 'builtin', 'the built-in one is not back');
  await page.reload();
  await page.locator('#train-status', { hasText: 'mlp: 9' }).waitFor();
  expect(await page.locator('[value=mlp]').isChecked(), 'the result stands under another name');
  expect(await page.locator('#train [name=epochs]').inputValue() === '3', 'and under another number of epochs');
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
