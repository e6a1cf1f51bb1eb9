// The picture of the page for scripts/make-doc-pictures.
const { draw, screenshot, seesReading, strokes, test } = require('../tests/page/browser.cjs');

/** Points bent smoothly (Catmull and Rom 1974), as a hand moves. */
function bend(points) {
  const at = (i) => points[Math.max(0, Math.min(points.length - 1, i))];
  const between = (i, t) => [0, 1].map((k) => {
    const [a, b, c, d] = [at(i - 1), at(i), at(i + 1), at(i + 2)].map((point) => point[k]);
    return b + ((c - a) * t + (2 * a - 5 * b + 4 * c - d) * t ** 2 + (3 * b - a - 3 * c + d) * t ** 3) / 2;
  });
  return [...points.slice(0, -1).flatMap((_, i) => [0, .25, .5, .75].map((t) => between(i, t))), points.at(-1)];
}

const [two] = strokes[2], corner = 10;
strokes[2] = [[...bend(two.slice(0, corner + 1)), ...two.slice(corner + 1)]];
strokes[8] = strokes[8].map(bend);

test('the page with a number on it', { page: 'static', viewport: { width: 1180, height: 640 }, deviceScaleFactor: 1.5 }, async (page) => {
  await draw(page, 2, { x: .1, y: .28, width: .14, height: .44 });
  await draw(page, 7, { x: .31, y: .24, width: .14, height: .44 });
  await draw(page, 1, { x: .55, y: .32, width: .05, height: .42 });
  await draw(page, 8, { x: .7, y: .26, width: .12, height: .44 });
  await seesReading(page, '2718');
  await page.mouse.move(5, 5);
  await screenshot(page, 'page');
});
