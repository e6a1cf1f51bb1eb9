// Small pictures side by side on a canvas, each pixel of theirs as large as there is room for.

const night = [23, 27, 43], ink = [255, 255, 255], against = [240, 180, 90];  // above 0, below 0

/** How many columns, so that the pictures are as large as they can be on `width` by `height` CSS pixels: {columns, rows, scale}. */
export function layOut({ channels, height: h, width: w }, width, height) {
  const density = window.devicePixelRatio || 1;
  let best = null;
  for (let columns = 1; columns <= channels; ++columns) {
    const rows = Math.ceil(channels / columns);
    const scale = Math.floor(density * Math.min(width / (columns * (w + 1) - 1), height / (rows * (h + 1) - 1), 8)) / density;
    if (!best || scale > best.scale) best = { columns, rows, scale };
  }
  if (best.scale > 0) return best;
  const columns = Math.max(1, Math.floor((width * density + 1) / (w + 1)));  // as large as a device's pixels, and taller
  return { columns, rows: Math.ceil(channels / columns), scale: 1 / density };
}

/** Paints values of (channels, height, width) that `share(value)` makes -1 to 1. */
export function paintMosaic(canvas, { channels, height: h, width: w }, { columns, rows, scale }, values, share) {
  const width = columns * (w + 1) - 1, height = rows * (h + 1) - 1;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  Object.assign(canvas.style, { width: `${width * scale}px`, height: `${height * scale}px` });
  const image = new ImageData(width, height), { data } = image;
  for (let c = 0, from = 0; c < channels; ++c) {
    const left = c % columns * (w + 1), top = Math.floor(c / columns) * (h + 1);
    for (let y = 0; y < h; ++y) for (let x = 0; x < w; ++x, ++from) {
      const value = share(values[from]), strength = Math.min(1, Math.abs(value)), color = value < 0 ? against : ink;
      const to = 4 * ((top + y) * width + left + x);
      data[to] = night[0] + strength * (color[0] - night[0]);
      data[to + 1] = night[1] + strength * (color[1] - night[1]);
      data[to + 2] = night[2] + strength * (color[2] - night[2]);
      data[to + 3] = 255;
    }
  }
  canvas.getContext('2d').putImageData(image, 0, 0);
}

/** Which picture is at a place in the window, -1 if none is. */
export function pictureAt(canvas, { channels, height: h, width: w }, { columns, scale }, { clientX, clientY }) {
  const box = canvas.getBoundingClientRect();
  const column = Math.floor((clientX - box.left) / scale / (w + 1)), row = Math.floor((clientY - box.top) / scale / (h + 1));
  const at = row * columns + column;
  return column >= 0 && column < columns && row >= 0 && at < channels ? at : -1;
}
