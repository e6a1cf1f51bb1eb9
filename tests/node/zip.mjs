// Zip archives as the page writes and reads them (web/zip.js), held to Python's. usage: node zip.mjs
import assert from 'node:assert';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { makeZip, readZip } from '../../web/zip.js';

const scratch = mkdtempSync(join(tmpdir(), 'scrawl-zip-'));
after(() => rmSync(scratch, { recursive: true }));
const archive = join(scratch, 'a.zip');
const python = (code) => execFileSync('python3', ['-c', code, archive]).toString();
const bytesOf = async (blob) => new Uint8Array(await blob.arrayBuffer());
const entries = [{ name: '7/a.png', bytes: Uint8Array.of(1, 2, 3) }, { name: '0/é.png', bytes: new Uint8Array(5000).fill(9) }, { name: '1/empty', bytes: new Uint8Array(0) }];

test('what it writes, Python reads, and it does itself', async () => {
  const bytes = await bytesOf(makeZip(entries));
  writeFileSync(archive, bytes);
  const seen = JSON.parse(python('import json,sys,zipfile\nz=zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nprint(json.dumps({n:list(z.read(n)) for n in z.namelist()}))'));
  assert.deepEqual(seen, Object.fromEntries(entries.map(({ name, bytes: content }) => [name, [...content]])));
  assert.deepEqual(await readZip(bytes), entries);
  assert.deepEqual(await readZip(await bytesOf(makeZip([]))), []);
});

test('it reads what Python packs, and leaves folders out', async () => {
  python('import sys,zipfile\nwith zipfile.ZipFile(sys.argv[1],"w",zipfile.ZIP_DEFLATED) as z:\n z.writestr("7/","")\n z.writestr("7/x",bytes(range(256))*40)\n z.comment=b"with a comment"');
  const [{ name, bytes }, ...others] = await readZip(new Uint8Array(readFileSync(archive)));
  assert.equal(name, '7/x');
  assert.deepEqual(bytes, Uint8Array.from({ length: 256 * 40 }, (_, i) => i % 256));
  assert.equal(others.length, 0);
});

test('what is damaged, or too much, is refused in words', async () => {
  const whole = await bytesOf(makeZip(entries));
  await assert.rejects(readZip(new Uint8Array(0)), /no zip file/);
  await assert.rejects(readZip(new Uint8Array(4000)), /no zip file/);
  const changed = whole.slice();
  changed[38] ^= 1;  // in the first file
  await assert.rejects(readZip(changed), /damaged: 7\/a.png/);
  for (let at = 0; at < whole.length; ++at) {  // no byte makes it hang or throw what is no Error
    const other = whole.slice();
    other[at] ^= 0xff;
    await readZip(other).catch((error) => assert(error instanceof Error && error.message !== '', `byte ${at}`));
  }
  for (let size = 0; size < whole.length; size += 7) await assert.rejects(readZip(whole.slice(0, size)), /zip file/);
  python('import sys,zipfile\nwith zipfile.ZipFile(sys.argv[1],"w",zipfile.ZIP_DEFLATED) as z:\n for i in range(3): z.writestr(str(i),bytes(30000000))');
  await assert.rejects(readZip(new Uint8Array(readFileSync(archive))), /more than 64 MB/);
});
