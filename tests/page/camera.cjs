// The camera: what it sees is read as it moves. A made-up video stands in for it: 42 on paper, moving to the right.
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { chromiumOptions, expect, patience, screenshot, seesReading, strokes, test } = require('./browser.cjs');

const width = 640, height = 480;

/** One frame's brightness: dark strokes on gray paper. */
function frameOf(shift) {
  const gray = Buffer.alloc(width * height, 205);
  const ink = (x, y) => {
    for (let dy = -6; dy <= 6; ++dy) for (let dx = -6; dx <= 6; ++dx) if (dx * dx + dy * dy <= 36) gray[Math.round(y + dy) * width + Math.round(x + dx)] = 45;
  };
  for (const [digit, left] of [[4, 150], [2, 330]]) {
    for (const stroke of strokes[digit]) {
      for (const [i, [px, py]] of stroke.slice(1).entries()) {
        const [qx, qy] = stroke[i];
        for (let part = 0; part <= 1; part += 0.02) ink(left + shift + 110 * (qx + part * (px - qx)), 140 + 190 * (qy + part * (py - qy)));
      }
    }
  }
  return gray;
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'scrawl-camera-')), video = path.join(folder, 'camera.y4m');
const colors = Buffer.alloc(width * height / 2, 128);
fs.writeFileSync(video, Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F15:1 Ip A1:1 C420jpeg\n`), ...Array.from({ length: 8 }, (_, i) => Buffer.concat([Buffer.from('FRAME\n'), frameOf(6 * i), colors]))]));
chromiumOptions.push('--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', `--use-file-for-fake-video-capture=${video}`);
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));

test('what the camera sees is read as it moves, and taken', { permissions: ['camera'] }, async (page) => {
  await page.locator('#photograph').click();
  await page.waitForFunction(() => document.getElementById('live-reading').textContent === '42', null, { timeout: patience });
  await page.waitForFunction(() => Number(document.getElementById('live-reading').dataset.rate) > 0);
  const inked = await page.locator('#live-boxes').evaluate((canvas) => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((value, i) => i % 4 === 3 && value > 0));
  expect(inked, 'nothing is laid over the video');
  await page.waitForTimeout(1500);
  console.log(`${await page.locator('#live-reading').getAttribute('data-rate')} readings a second`);
  await screenshot(page, 'camera');
  await page.locator('#camera .main').click();
  await seesReading(page, '42');
  expect(await page.locator('#camera').isHidden(), 'the camera is still there');
});
