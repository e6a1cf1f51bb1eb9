// What people say about where digits are: a digit that was missed, two that are one, one that is two, what is none, and the
// whole number as it should be. Applied to each answer anew, as long as what they are about is on the sheet.
//
// An edit is {picture, strokes, removed, made} or {picture, strokes, typed, of}: the picture or the strokes that it is about;
// glyphs that are replaced, and the digits in their place, with boxes on the paper; the number that was typed, and the glyphs
// that were there then. A digit that was only typed has no glyph and no box, and `said`.

const center = ({ x, y, width, height }) => ({ x: x + width / 2, y: y + height / 2 });
const holds = (box, { x, y }) => x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height;
const scaled = ({ x, y, width, height }, scale) => ({ x: x * scale, y: y * scale, width: width * scale, height: height * scale });

/** The digits of an answer in a box, by their centers. */
export const digitsIn = (digits, box) => digits.filter((digit) => digit.box && holds(box, center(digit.box)));

/** The box around both. */
export function union(a, b) {
  const x = Math.min(a.x, b.x), y = Math.min(a.y, b.y);
  return { x, y, width: Math.max(a.x + a.width, b.x + b.width) - x, height: Math.max(a.y + a.height, b.y + b.height) - y };
}

/** The digits of a reading, each with what is before it: [{before, digit}], `before` '', ' ' or '\n'. */
function tokensOf({ text, digits }) {
  const tokens = [];
  let before = '';
  for (const character of text) {
    if (/\s/.test(character)) {
      if (before !== '\n') before = character;
      continue;
    }
    tokens.push({ before, digit: digits[tokens.length] });
    before = '';
  }
  return tokens;
}

const textOf = (tokens) => tokens.map(({ before, digit }) => before + (digit.said ?? digit.digit)).join('');

/** Takes out what is at `at`: the wider of two gaps stays. */
function drop(tokens, at) {
  const [{ before }] = tokens.splice(at, 1), next = tokens[at];
  if (!next) return;
  const gaps = ['', ' ', '\n'];
  next.before = at === 0 ? '' : gaps[Math.max(gaps.indexOf(before), gaps.indexOf(next.before))];
}

/** Where a new box belongs: in the line that it overlaps most, by its center. */
function insert(tokens, digit) {
  const lines = [];
  for (const [at, token] of tokens.entries()) {
    if (at === 0 || token.before === '\n') lines.push([]);
    lines.at(-1).push(at);
  }
  const { y, height } = digit.box, middle = center(digit.box);
  const boxed = (line) => line.filter((at) => tokens[at].digit.box);
  const span = (line) => boxed(line).map((at) => tokens[at].digit.box).reduce((a, b) => union(a, b), digit.box && tokens[boxed(line)[0]]?.digit.box);
  const overlap = (line) => {
    const lined = span(line);
    return lined ? Math.min(y + height, lined.y + lined.height) - Math.max(y, lined.y) : 0;
  };
  const best = lines.filter((line) => overlap(line) > 0.3 * height).sort((a, b) => overlap(b) - overlap(a))[0];
  if (!best) {  // a line of its own
    const behind = lines.find((line) => boxed(line).length && center(span(line)).y > middle.y);
    const at = behind ? behind[0] : tokens.length;
    tokens.splice(at, 0, { before: at ? '\n' : '', digit });
    if (behind) tokens[at + 1].before = '\n';
    return;
  }
  const at = boxed(best).find((place) => center(tokens[place].digit.box).x > middle.x) ?? best.at(-1) + 1;
  const begins = at === best[0];
  tokens.splice(at, 0, { before: begins ? tokens[at].before : '', digit });
  if (begins) tokens[at + 1].before = '';
}

function replace(tokens, removed, made) {
  const places = removed.map((glyph) => tokens.findIndex(({ digit }) => digit.glyph === glyph)).sort((a, b) => a - b);
  if (places.includes(-1)) return;
  if (places.length === 0) {
    for (const digit of made) insert(tokens, digit);
    return;
  }
  for (const at of places.slice(made.length ? 1 : 0).reverse()) drop(tokens, at);
  if (made.length) tokens.splice(places[0], 1, ...made.map((digit, i) => ({ before: i ? '' : tokens[places[0]].before, digit })));
}

/** The digits of what was typed, each with the one that was read in its place, by the fewest changes (Wagner and Fischer 1974). */
function align(read, typed) {
  const costs = Array.from({ length: read.length + 1 }, (_, i) => [i]);
  for (let j = 1; j <= typed.length; ++j) costs[0][j] = j;
  for (let i = 1; i <= read.length; ++i) {
    for (let j = 1; j <= typed.length; ++j) {
      costs[i][j] = Math.min(costs[i - 1][j] + 1, costs[i][j - 1] + 1, costs[i - 1][j - 1] + (read[i - 1] === typed[j - 1] ? 0 : 1));
    }
  }
  const partners = [];
  for (let i = read.length, j = typed.length; j > 0;) {
    if (i > 0 && costs[i][j] === costs[i - 1][j - 1] + (read[i - 1] === typed[j - 1] ? 0 : 1)) partners[--j] = --i;
    else if (i > 0 && costs[i][j] === costs[i - 1][j] + 1) --i;
    else partners[--j] = -1;
  }
  return partners;
}

function retype(tokens, typed, said) {
  const letters = tokensOf({ text: typed, digits: [] });
  const digits = [...typed.replace(/\s/g, '')].map(Number);
  const read = tokens.map(({ digit }) => said(digit));
  const partners = align(read, digits);
  return letters.map(({ before }, i) => {
    const at = partners[i];
    if (at < 0) return { before, digit: { digit: digits[i], said: digits[i], confidence: 1, probabilities: Array(10).fill(0), glyph: '', box: null } };
    return { before, digit: read[at] === digits[i] ? tokens[at].digit : { ...tokens[at].digit, said: digits[i] } };
  });
}

/** What is typed, without all that is neither a digit nor a gap. */
export const typedText = (text) => text.replace(/[^0-9\s]/g, '').trim().replace(/[^\S\n]+/g, ' ').replace(/ ?\n\s*/g, '\n');

/**
 * An answer with the edits of this sheet. `scale`: pixels of the answer for one of the paper. `said(digit)`: what a digit is taken
 * for. The answer itself where no edit is about it.
 */
export function edited(answer, edits, sheet, scale, said) {
  const about = edits.filter(({ picture, strokes }) => picture === sheet.picture && strokes.every((stroke) => sheet.strokes.includes(stroke)));
  if (about.length === 0) return answer;
  let tokens = tokensOf(answer);
  for (const { removed, made, typed, of } of about) {
    if (typed === undefined) replace(tokens, removed, made.map((digit) => ({ ...digit, box: scaled(digit.box, scale) })));
    else if (of.join() === tokens.map(({ digit }) => digit.glyph).join()) tokens = retype(tokens, typed, said);
  }
  return { ...answer, text: textOf(tokens), digits: tokens.map(({ digit }) => digit) };
}
