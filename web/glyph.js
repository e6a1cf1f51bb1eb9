// Glyphs as the network sees them: base64 of 28x28 bytes, 0 paper, 255 ink.
const side = 28;
const drawn = new WeakMap();  // canvas -> the glyph that is on it

export function bytesOf(glyph) {
  return Uint8Array.from(atob(glyph), (letter) => letter.charCodeAt(0));
}

/** Puts a glyph on a canvas: white ink, and no paper, so that CSS colors that. */
export function paintGlyph(canvas, glyph) {
  if (drawn.get(canvas) === glyph && canvas.height === side) return;
  drawn.set(canvas, glyph);
  const image = new ImageData(side, side);
  bytesOf(glyph).forEach((ink, i) => image.data.set([255, 255, 255, ink], 4 * i));
  canvas.width = canvas.height = side;
  canvas.getContext('2d').putImageData(image, 0, 0);
}

export function glyphCanvas(glyph) {
  const canvas = document.createElement('canvas');
  canvas.className = 'glyph';
  canvas.setAttribute('aria-hidden', 'true');
  paintGlyph(canvas, glyph);
  return canvas;
}
