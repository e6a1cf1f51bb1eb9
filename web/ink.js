// Strokes: what they are, and how they are drawn. All lengths are CSS pixels of the paper.
//
// A stroke is {width, pressed, points: [{x, y, pressure}]}.

export function addPoint(stroke, x, y, pressure) {
  const last = stroke.points.at(-1);
  if (last && Math.hypot(x - last.x, y - last.y) < 0.5) return false;
  stroke.points.push({ x, y, pressure });
  return true;
}

function widthAt(stroke, point) {
  return stroke.pressed ? stroke.width * (0.35 + 1.1 * point.pressure) : stroke.width;
}

const middle = (a, b) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });

/** Curves through the middles of neighboring points, which are the controls between: smooth wherever the points are. */
function drawStroke(context, stroke) {
  const { points } = stroke;
  if (points.length === 1) {
    context.beginPath();
    context.arc(points[0].x, points[0].y, widthAt(stroke, points[0]) / 2, 0, 2 * Math.PI);
    context.fill();
    return;
  }
  context.lineWidth = stroke.width;
  context.beginPath();
  context.moveTo(points[0].x, points[0].y);
  for (let i = 1; i < points.length; ++i) {
    const to = i === points.length - 1 ? points[i] : middle(points[i], points[i + 1]);
    context.quadraticCurveTo(points[i].x, points[i].y, to.x, to.y);
    if (stroke.pressed) {  // each part has a width of its own
      context.lineWidth = widthAt(stroke, points[i]);
      context.stroke();
      context.beginPath();
      context.moveTo(to.x, to.y);
    }
  }
  if (!stroke.pressed) context.stroke();
}

export function drawStrokes(context, strokes, color) {
  context.lineCap = context.lineJoin = 'round';
  context.strokeStyle = context.fillStyle = color;
  for (const stroke of strokes) drawStroke(context, stroke);
}

/** The box of a stroke, with its width. */
export function boxOf({ width, points }) {
  const xs = points.map(({ x }) => x), ys = points.map(({ y }) => y);
  const left = Math.min(...xs) - width / 2, top = Math.min(...ys) - width / 2;
  return { x: left, y: top, width: Math.max(...xs) + width / 2 - left, height: Math.max(...ys) + width / 2 - top };
}

export const overlaps = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** The boxes of strokes that belong together, since their boxes overlap. */
export function boxesOfClusters(strokes) {
  const boxes = strokes.map(boxOf);
  for (let i = 0; i < boxes.length; ++i) {
    const other = boxes.findIndex((box, j) => j > i && overlaps(box, boxes[i]));
    if (other < 0) continue;
    const [taken] = boxes.splice(other, 1), { x, y, width, height } = boxes[i];
    const left = Math.min(x, taken.x), top = Math.min(y, taken.y);
    boxes[i] = { x: left, y: top, width: Math.max(x + width, taken.x + taken.width) - left, height: Math.max(y + height, taken.y + taken.height) - top };
    i = -1;  // the larger one may overlap what did not before
  }
  return boxes;
}

/** How far to the right and down the ink reaches. */
export function reach(strokes) {
  let right = 0, bottom = 0;
  for (const { width, points } of strokes) {
    for (const { x, y } of points) {
      right = Math.max(right, x + width);
      bottom = Math.max(bottom, y + width);
    }
  }
  return { right, bottom };
}
