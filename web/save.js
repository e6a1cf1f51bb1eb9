// What is on the sheet and what was read, as files: SVG and PNG of a drawing, CSV and JSON of a reading.
import { drawStrokes, reach } from './ink.js';

const margin = 8;  // around a drawing
const short = (number) => String(Math.round(10 * number) / 10);

/** Where the ink of a drawing is, with a margin. */
function frameOf(strokes) {
  const { right, bottom } = reach(strokes);
  let left = right, top = bottom;
  for (const { width, points } of strokes) {
    for (const { x, y } of points) {
      left = Math.min(left, x - width);
      top = Math.min(top, y - width);
    }
  }
  return { x: left - margin, y: top - margin, width: right - left + 2 * margin, height: bottom - top + 2 * margin };
}

/** Takes what drawStrokes does to a canvas, and remembers it as SVG. */
class SvgPen {
  elements = [];

  beginPath() { this.path = ''; }
  moveTo(x, y) { this.path += `M${short(x)} ${short(y)}`; }
  quadraticCurveTo(x1, y1, x, y) { this.path += `Q${short(x1)} ${short(y1)} ${short(x)} ${short(y)}`; }
  arc(x, y, radius) { this.dot = `<circle cx="${short(x)}" cy="${short(y)}" r="${short(radius)}" fill="#000" stroke="none"/>`; }
  fill() { this.elements.push(this.dot); }
  stroke() { this.elements.push(`<path d="${this.path}" stroke-width="${short(this.lineWidth)}"/>`); }
}

export function svgOf(strokes) {
  const { x, y, width, height } = frameOf(strokes), pen = new SvgPen();
  drawStrokes(pen, strokes, '#000');
  return new Blob([`<svg xmlns="http://www.w3.org/2000/svg" viewBox="${[x, y, width, height].map(short).join(' ')}" width="${short(width)}" height="${short(height)}">\n`,
    `<g fill="none" stroke="#000" stroke-linecap="round" stroke-linejoin="round">\n${pen.elements.join('\n')}\n</g>\n</svg>\n`], { type: 'image/svg+xml' });
}

/** A promise. */
export function pngOf(strokes) {
  const { x, y, width, height } = frameOf(strokes), density = 2;
  const canvas = document.createElement('canvas');
  canvas.width = Math.ceil(density * width);
  canvas.height = Math.ceil(density * height);
  const context = canvas.getContext('2d');
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.setTransform(density, 0, 0, density, -density * x, -density * y);
  drawStrokes(context, strokes, '#000');
  return new Promise((resolve) => { canvas.toBlob(resolve); });
}

/** Line and number of each digit, from 1: a space parts numbers, a newline lines. */
function placesOf(text) {
  let line = 1, number = 1;
  return [...text].flatMap((character) => {
    if (character === '\n') ++line;
    if (/\s/.test(character)) ++number;
    return /\s/.test(character) ? [] : [{ line, number }];
  });
}

/** A row for each digit; `corrections`: glyph -> {digit} of those that someone has corrected. */
export function csvOf({ text, digits }, corrections) {
  const places = placesOf(text);
  const head = ['line', 'number', 'digit', 'corrected', 'confidence', 'x', 'y', 'width', 'height', ...Array.from({ length: 10 }, (_, digit) => `p${digit}`)];
  const rows = digits.map(({ digit, said, confidence, box, probabilities, glyph }, i) => [places[i].line, places[i].number, digit, corrections.get(glyph)?.digit ?? said ?? '', confidence,
    box?.x, box?.y, box?.width, box?.height, ...probabilities]);
  return new Blob([[head, ...rows].map((row) => row.join(',') + '\r\n').join('')], { type: 'text/csv' });
}

/** The answer as the server gives it, and `corrected` with the digits that someone has corrected. */
export function jsonOf(answer, corrections) {
  const digits = answer.digits.map((digit) => (corrections.has(digit.glyph) ? { ...digit, corrected: corrections.get(digit.glyph).digit } : digit));
  return new Blob([JSON.stringify({ ...answer, digits }, null, 2) + '\n'], { type: 'application/json' });
}

export function save(blob, name) {
  const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
