// Digits that the page draws itself, in many hands: what a network has to go on reading while it learns one more hand.

const side = 28, digit_side = 20;

/** The same numbers, 0 to 1, for the same seed (mulberry32). */
export function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ state >>> 15, 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed);
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
  };
}

// How people write them: for each digit some ways, each of strokes, each of points in percent of a box, x and y by turns.
// A stroke bends smoothly through its points.
const ways = [
  [['50 0 15 12 0 48 8 82 45 100 85 88 100 48 85 12 50 0'], ['60 2 20 12 0 50 15 90 50 100 90 80 98 40 75 5 40 4']],
  [['50 0 50 50 50 100'], ['25 22 52 0 52 0 52 50 52 100'], ['20 25 50 0 50 0 50 100', '15 100 85 100']],
  [['0 22 8 10 25 1 50 0 75 6 88 20 85 36 70 52 40 75 10 95 0 100 40 98 100 99'], ['5 20 40 0 85 14 78 42 35 82 5 96 12 80 50 88 100 98'], ['0 15 50 0 90 18 70 55 0 100 0 100 50 100 100 100']],
  [['5 12 25 2 55 0 80 8 87 22 78 37 55 46 38 47 60 50 85 60 93 76 80 92 50 100 20 98 0 88'], ['8 0 50 0 92 0 92 0 45 40 45 40 85 52 92 80 50 100 0 90']],
  [['55 0 40 25 20 48 0 66 0 66 40 65 100 64', '72 34 71 66 70 100'], ['75 100 75 50 75 0 75 0 0 66 0 66 50 66 100 66'], ['10 0 5 45 5 45 50 50 90 45', '85 0 82 50 80 100']],
  [['90 0 50 1 18 2 18 2 12 42 50 36 90 60 78 92 35 100 0 90'], ['20 0 12 44 12 44 50 38 92 60 75 95 30 100 0 88', '20 2 60 2 95 0']],
  [['75 0 35 28 6 70 25 97 70 97 90 74 65 52 25 60 8 78'], ['55 0 20 40 10 80 45 100 85 85 75 60 40 58 14 75']],
  [['0 3 50 1 100 0 100 0 80 30 60 62 45 100'], ['0 2 50 2 100 0 100 0 70 50 45 100', '25 50 75 48'], ['0 18 5 2 5 2 50 4 95 0 95 0 65 50 50 100']],
  [['75 10 45 0 15 12 30 38 70 60 85 85 50 100 15 85 35 58 75 32 80 12'], ['50 48 12 30 20 5 50 0 82 8 85 30 50 48 10 70 15 95 50 100 88 92 90 70 50 48']],
  [['85 20 50 0 12 15 10 42 50 52 85 30 87 15 87 15 85 50 75 100'], ['88 15 45 0 8 22 25 48 65 45 88 15 88 15 88 60 70 95 20 96']],
];

/** [[x, y], ...] of a stroke, 0 to 1, bent through its points (Catmull and Rom 1974); two equal points make a corner. */
function bend(points) {
  const at = (i) => points[Math.max(0, Math.min(points.length - 1, i))], steps = 8, line = [points[0]];
  for (let i = 0; i + 1 < points.length; ++i) {
    const [a, b, c, d] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
    for (let s = 1; s <= steps; ++s) {
      const t = s / steps;
      line.push([0, 1].map((k) => .5 * (2 * b[k] + (c[k] - a[k]) * t + (2 * a[k] - 5 * b[k] + 4 * c[k] - d[k]) * t * t + (3 * b[k] - a[k] - 3 * c[k] + d[k]) * t ** 3)));
    }
  }
  return line;
}

function distance([px, py], [ax, ay], [bx, by]) {
  const dx = bx - ax, dy = by - ay, length = dx * dx + dy * dy;
  const t = length === 0 ? 0 : Math.max(0, Math.min(1, ((px - ax) * dx + (py - ay) * dy) / length));
  return Math.hypot(px - ax - t * dx, py - ay - t * dy);
}

/** The part of a line from `a` to `b`, drawn `reach` to each side. */
function addPart(levels, a, b, reach) {
  const from = (k) => Math.max(0, Math.floor(Math.min(a[k], b[k]) - reach - 1)), to = (k) => Math.min(side - 1, Math.ceil(Math.max(a[k], b[k]) + reach));
  for (let y = from(1); y <= to(1); ++y) for (let x = from(0); x <= to(0); ++x) {
    const level = 255 * Math.max(0, Math.min(1, .5 + reach - distance([x + .5, y + .5], a, b)));
    levels[side * y + x] = Math.max(levels[side * y + x], level);
  }
}

/** The glyph of lines that a pen `pen` pixels wide has drawn, fitted to 20 pixels and centred on its mass. */
function rasterize(lines, pen) {
  const all = lines.flat(), low = [0, 1].map((k) => Math.min(...all.map((point) => point[k]))), high = [0, 1].map((k) => Math.max(...all.map((point) => point[k])));
  const scale = (digit_side - pen) / Math.max(high[0] - low[0], high[1] - low[1]);
  const placed = lines.map((line) => line.map((point) => point.map((value, k) => side / 2 + (value - (low[k] + high[k]) / 2) * scale)));
  const levels = new Float64Array(side * side);
  for (const line of placed) for (let p = 1; p < line.length; ++p) addPart(levels, line[p - 1], line[p], pen / 2);
  let sum = 0, across = 0, down = 0;
  levels.forEach((level, i) => {
    sum += level;
    across += level * (i % side);
    down += level * Math.floor(i / side);
  });
  const dx = side / 2 - Math.round(across / sum), dy = side / 2 - Math.round(down / sum);
  return Uint8Array.from({ length: side * side }, (_, i) => {
    const x = i % side - dx, y = Math.floor(i / side) - dy;
    return x >= 0 && x < side && y >= 0 && y < side ? levels[side * y + x] : 0;
  });
}

/** Writes strokes (each a text of points in percent) as one hand does, by chance: wider or narrower, slanted, with another pen. */
export function write(strokes, random) {
  const about = (reach) => reach * (2 * random() - 1);
  const width = .55 + .4 * random(), slant = about(.3), turn = about(.15), pen = 1.8 + 1.8 * random(), shake = .03;
  return rasterize(strokes.map((text) => {
    const numbers = text.split(' ').map(Number);
    const points = Array.from({ length: numbers.length / 2 }, (_, i) => [numbers[2 * i] / 100, numbers[2 * i + 1] / 100]);
    const moved = points.map((point, i) => (i > 0 && point.join() === points[i - 1].join() ? null : point.map((value) => value + about(shake))));
    const shaken = moved.map((point, i) => point ?? moved[i - 1]);
    return bend(shaken).map(([x, y]) => {
      const u = width * (x - .5) - slant * (y - .5), v = y - .5;
      return [u * Math.cos(turn) - v * Math.sin(turn), u * Math.sin(turn) + v * Math.cos(turn)];
    });
  }), pen);
}

/** `count` digits in turn, in all ways: [{glyph, digit}]. The same ones for the same seed. */
export function drawDigits(count, seed) {
  const random = randomOf(seed);
  return Array.from({ length: count }, (_, i) => {
    const of = ways[i % 10];
    return { glyph: write(of[Math.floor(random() * of.length)], random), digit: i % 10 };
  });
}

/** Glyphs of no digit: strokes through points anywhere. */
export function drawScribbles(count, seed) {
  const random = randomOf(seed), point = () => `${Math.round(100 * random())} ${Math.round(100 * random())}`;
  return Array.from({ length: count }, () => write(Array.from({ length: 1 + Math.floor(3 * random()) }, () => (
    Array.from({ length: 2 + Math.floor(5 * random()) }, point).join(' '))), random));
}
