// The glyph of strokes, as they are drawn: while the pen moves, the page does not wait for a reading. src/picture/fit.cpp makes
// glyphs of ink, whose strokes it has to measure; here their width is known. Whatever is read is read from the core's.
import { drawStrokes } from './ink.js';

const side = 28, digit_side = 20, thinnest_stroke = 2;  // as in MNIST
let field = null;

/** The box of strokes, with the width of their pen: {x, y, width, height}. */
export function boxOf(strokes) {
  let left = Infinity, top = Infinity, right = -Infinity, bottom = -Infinity;
  for (const { width, points } of strokes) for (const { x, y } of points) {
    left = Math.min(left, x - width / 2);
    top = Math.min(top, y - width / 2);
    right = Math.max(right, x + width / 2);
    bottom = Math.max(bottom, y + width / 2);
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

const meet = (a, b) => a.x <= b.x + b.width && b.x <= a.x + a.width && a.y <= b.y + b.height && b.y <= a.y + a.height;

/** The last stroke, and those whose boxes meet its own, one after the other: what is probably one digit. */
export function lastDigit(strokes) {
  const own = strokes.slice(-1), others = strokes.slice(0, -1);
  for (let found = true; found;) {
    const box = boxOf(own), at = others.findIndex((stroke) => meet(box, boxOf([stroke])));
    found = at >= 0;
    if (found) own.push(...others.splice(at, 1));
  }
  return own;
}

/** How strokes in a box are laid into the field: {scale, width of the thinnest stroke, x, y: the pixel where the box's corner comes to}. */
export function fitTo(box, stroke) {
  const longer = Math.max(box.width, box.height), is_dot = stroke * 2 > longer;
  const thin = !is_dot && stroke * digit_side / longer < thinnest_stroke;
  const scale = thin ? (digit_side - thinnest_stroke) / (longer - stroke) : digit_side / longer;
  const width = thin ? thinnest_stroke / scale : 0;  // in pixels of the paper
  return { scale, width, x: Math.round((side - box.width * scale) / 2), y: Math.round((side - box.height * scale) / 2) };
}

/** {glyph: 28x28 bytes, dx, dy: by how many pixels its centre of mass was moved to the middle}. */
export function previewGlyph(strokes) {
  field ??= Object.assign(document.createElement('canvas'), { width: side, height: side }).getContext('2d', { willReadFrequently: true });
  const box = boxOf(strokes), fit = fitTo(box, strokes[0].width);
  field.setTransform(1, 0, 0, 1, 0, 0);
  field.clearRect(0, 0, side, side);
  field.setTransform(fit.scale, 0, 0, fit.scale, fit.x - box.x * fit.scale, fit.y - box.y * fit.scale);
  drawStrokes(field, fit.width ? strokes.map((stroke) => ({ ...stroke, width: Math.max(stroke.width, fit.width) })) : strokes, '#000');
  const { data } = field.getImageData(0, 0, side, side);
  let sum = 0, across = 0, down = 0;
  for (let i = 0; i < side * side; ++i) {
    const level = data[4 * i + 3];
    sum += level;
    across += level * (i % side);
    down += level * Math.floor(i / side);
  }
  const dx = sum ? side / 2 - Math.round(across / sum) : 0, dy = sum ? side / 2 - Math.round(down / sum) : 0;
  const glyph = new Uint8Array(side * side);
  for (let y = Math.max(0, dy); y < Math.min(side, side + dy); ++y) for (let x = Math.max(0, dx); x < Math.min(side, side + dx); ++x) {
    glyph[y * side + x] = data[4 * ((y - dy) * side + x - dx) + 3];
  }
  return { glyph, dx, dy };
}
