// A glyph of whatever is in a part of the sheet, as in MNIST: for what someone says is a digit and the reader would not take
// for one.

const side = 28, ink_side = 20;  // pixels: of the glyph, and of its ink

/** How dark each pixel is beside the paper, 0 to 1, whether ink is dark or light. */
function inkOf({ data }) {
  const gray = Array.from({ length: data.length / 4 }, (_, i) => (data[4 * i] + data[4 * i + 1] + data[4 * i + 2]) / 3);
  const paper = [...gray].sort((a, b) => a - b)[gray.length >> 1];
  const ink = gray.map((value) => Math.abs(value - paper));
  const most = ink.reduce((a, b) => Math.max(a, b), 0);
  return most < 24 ? null : ink.map((value) => Math.max(0, value / most - 0.25) / 0.75);
}

/** {glyph, box}: the glyph in base64, and where its ink is on the canvas; null where there is none. */
export function makeGlyph(canvas) {
  const { width, height } = canvas;
  const ink = inkOf(canvas.getContext('2d').getImageData(0, 0, width, height));
  if (!ink) return null;
  let left = width, right = 0, top = height, bottom = 0, sum = 0, sumX = 0, sumY = 0;
  ink.forEach((value, i) => {
    if (value < 0.3) return;
    const x = i % width, y = Math.floor(i / width);
    [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x + 1), Math.min(top, y), Math.max(bottom, y + 1)];
    sum += value;
    sumX += value * (x + 0.5);
    sumY += value * (y + 0.5);
  });
  const scale = ink_side / Math.max(right - left, bottom - top);
  const values = Array(side * side).fill(0);  // of ink that falls into each pixel: an average, since a glyph is smaller
  ink.forEach((value, i) => {
    const x = Math.floor((i % width + 0.5 - sumX / sum) * scale + side / 2), y = Math.floor((Math.floor(i / width) + 0.5 - sumY / sum) * scale + side / 2);
    if (x >= 0 && x < side && y >= 0 && y < side) values[y * side + x] += value * scale * scale;
  });
  const bytes = values.map((value) => Math.min(255, Math.round(255 * value)));
  return { glyph: btoa(String.fromCharCode(...bytes)), box: { x: left, y: top, width: right - left, height: bottom - top } };
}
