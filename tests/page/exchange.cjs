// The collection as a zip archive: what the page saves, scrawl reads, and the page takes it back.
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { expect, source, test } = require('./browser.cjs');

/** An upright line, a little to one side: no two are the same. */
function line(at) {
  const glyph = Buffer.alloc(784);
  for (let y = 4; y < 24; ++y) glyph.fill(255, 28 * y + 11 + at, 28 * y + 13 + at);
  return glyph.toString('base64');
}

const sizeOf = async (page) => Number(await page.locator('#collection-size').textContent());

test('what is saved is what scrawl teach keeps, and is added again', {}, async (page, { server, scratch }) => {
  for (let at = 0; at < 3; ++at) await page.request.post(`${server.url}/v1/corrections`, { data: { glyph: line(at), digit: at === 2 ? 7 : 1 } });
  await page.reload();
  await page.locator('#collection-size', { hasText: '3' }).waitFor();
  await page.locator('#open-collection').click();
  await page.locator('#items button').nth(2).waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByText('Save as zip').click()]);
  expect(download.suggestedFilename() === 'scrawl-handwriting.zip', `it is called ${download.suggestedFilename()}`);
  const archive = path.join(scratch, 'saved.zip'), folder = path.join(scratch, 'saved');
  await download.saveAs(archive);
  const { readZip } = await import(path.join(source, 'web/zip.js'));
  for (const { name, bytes } of await readZip(new Uint8Array(fs.readFileSync(archive)))) {
    fs.mkdirSync(path.join(folder, path.dirname(name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), bytes);
  }
  expect(fs.readdirSync(path.join(folder, '1')).length === 2 && fs.readdirSync(path.join(folder, '7')).length === 1, 'the folders hold something else');
  const env = { ...process.env, SCRAWL_CORRECTIONS: folder, XDG_DATA_HOME: path.join(scratch, 'other') };
  const listed = execFileSync(process.env.SCRAWL, ['teach', '--list', '--json'], { env }).toString();
  const ids = (await (await page.request.get(`${server.url}/v1/corrections?glyphs=true`)).json()).items.map(({ id }) => id);
  expect(ids.every((id) => listed.includes(id)), `scrawl teach lists ${listed}, expected ${ids}`);

  for (const id of ids) await page.request.delete(`${server.url}/v1/corrections/${id}`);
  await page.reload();
  await page.locator('#open-collection').click();
  const take = async (file) => {
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByText('Add from zip').click()]);
    await chooser.setFiles(file);
  };
  await take(archive);
  await page.getByText('Added: 3.').waitFor();
  expect(await sizeOf(page) === 3, 'not all are there again');
  const again = (await (await page.request.get(`${server.url}/v1/corrections?glyphs=true`)).json()).items.map(({ id }) => id);
  expect(again.sort().join() === ids.sort().join(), 'other glyphs are there');
  await take(path.join(source, 'LICENSE'));
  await page.getByText('this is no zip file').waitFor();
});
