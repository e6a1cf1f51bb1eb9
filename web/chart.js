// Curves in SVG, with axes at round numbers.

function svg(name, attributes, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Multiples of 1, 2 or 5 times a power of ten from `low` to `high`, at most `most` of them. */
export function roundTicks(low, high, most) {
  const least = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((times) => times * power).find((round) => round >= least * 0.999);
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; ++i) ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}

/**
 * series: [{name, kind, points: [[x, y], ...]}], `kind` a CSS class: line and color; those of `epochs` have dots. x, y: {low, high, text(value)}.
 */
export function drawChart(parent, series, x, y) {
  const width = parent.clientWidth || 480, height = parent.clientHeight || 200;
  const left = 56, right = 22, top = 26, bottom = 26;
  const toX = (value) => left + (value - x.low) / (x.high - x.low) * (width - left - right);
  const toY = (value) => height - bottom - (Math.min(Math.max(value, y.low), y.high) - y.low) / (y.high - y.low) * (height - top - bottom);
  const chart = svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': series.map(({ name, points }) => `${name} ${y.text(points.at(-1)?.[1] ?? 0)}`).join(', ') });
  for (const tick of roundTicks(y.low, y.high, height / 36)) {
    chart.append(svg('line', { class: 'grid', x1: left, x2: width - right, y1: toY(tick), y2: toY(tick) }), svg('text', { x: left - 8, y: toY(tick) + 4, 'text-anchor': 'end' }, y.text(tick)));
  }
  for (const tick of roundTicks(x.low, x.high, Math.min(x.most ?? Infinity, width / 70))) {
    chart.append(svg('text', { x: toX(tick), y: height - 7, 'text-anchor': 'middle' }, x.text(tick)));
  }
  let legend = 2;
  for (const { name, kind, points } of series) {
    const line = points.map(([px, py]) => `${toX(px).toFixed(1)},${toY(py).toFixed(1)}`).join(' ');
    chart.append(svg('polyline', { class: `curve ${kind}`, points: line }));
    if (kind.includes('epochs')) for (const [px, py] of points) chart.append(svg('circle', { class: `dot ${kind}`, cx: toX(px), cy: toY(py), r: 3 }));
    chart.append(svg('line', { class: `curve ${kind}`, x1: legend, x2: legend + 16, y1: 10, y2: 10 }), svg('text', { x: legend + 22, y: 14 }, name));
    legend += 40 + [...name].reduce((sum, letter) => sum + (letter > '\u2e80' ? 12 : 7), 0);
  }
  parent.replaceChildren(chart);
}

/** The range of a loss curve: from 0 to what most of it stays under, since the first batches are far above. */
export function lossRange(values) {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  const high = sorted.length ? sorted[Math.floor(0.97 * (sorted.length - 1))] * 1.1 : 1;
  return { low: 0, high: high || 1, text: (value) => String(Number(value.toFixed(3))) };
}
