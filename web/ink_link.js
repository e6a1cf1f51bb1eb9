// Strokes as text for a link, and back: the way from point to point in half pixels, a few bits a number, as base64url.

const version = 1;
const most_points = 100000;  // a link comes from anybody

/** `numbers`: whole ones, not negative, 7 bits in a byte and the last one first of 128. */
function pack(numbers) {
  const bytes = [];
  for (let number of numbers) {
    for (; number > 127; number = Math.floor(number / 128)) bytes.push(128 + number % 128);
    bytes.push(number);
  }
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** A function that gives one number after the other, and throws behind the last one. */
function unpack(text) {
  const bytes = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  let at = 0;
  return () => {
    let number = 0;
    for (let weight = 1; ; weight *= 128) {
      const byte = bytes.charCodeAt(at++);
      if (Number.isNaN(byte) || weight > 2 ** 28) throw new Error('cut short');
      number += byte % 128 * weight;
      if (byte < 128) return number;
    }
  };
}

const folded = (number) => (number < 0 ? -2 * number - 1 : 2 * number);
const unfolded = (number) => (number % 2 ? -(number + 1) / 2 : number / 2);

export function textOfStrokes(strokes) {
  const numbers = [version, strokes.length];
  let x = 0, y = 0;
  for (const { width, pressed, points } of strokes) {
    numbers.push(Math.round(2 * width), pressed ? 1 : 0, points.length);
    for (const point of points) {
      const to = { x: Math.round(2 * point.x), y: Math.round(2 * point.y) };
      numbers.push(folded(to.x - x), folded(to.y - y));
      if (pressed) numbers.push(Math.round(100 * point.pressure));
      ({ x, y } = to);
    }
  }
  return pack(numbers);
}

/** null where the text is none of those. */
export function strokesOfText(text) {
  try {
    const next = unpack(text);
    if (next() !== version) return null;
    let x = 0, y = 0, room = most_points;
    const strokes = Array.from({ length: Math.min(next(), most_points) }, () => {
      const width = Math.min(Math.max(next() / 2, 1), 200), pressed = next() === 1, count = next();
      room -= count;
      if (count === 0 || room < 0) throw new Error('too many points, or none');
      const points = Array.from({ length: count }, () => {
        x += unfolded(next());
        y += unfolded(next());
        return { x: x / 2, y: y / 2, pressure: pressed ? Math.min(next() / 100, 1) : 0.5 };
      });
      return { width, pressed, points };
    });
    return strokes.length > 0 ? strokes : null;
  } catch {
    return null;
  }
}
