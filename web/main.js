// Puts the page together: what happens on the sheet is read, what is read is shown, what is shown can be corrected.
import { Paper } from './canvas.js';
import { Collection } from './collection.js';
import { Corrections } from './corrections.js';
import { openBeside } from './dialogs.js';
import { digitsIn, edited, typedText, union } from './edits.js';
import { Forms } from './forms.js';
import { bytesOf } from './glyph.js';
import { History } from './history.js';
import { boxesOfClusters, boxOf, overlaps } from './ink.js';
import { strokesOfText } from './ink_link.js';
import { watchJob } from './job.js';
import { makeGlyph } from './made_glyph.js';
import { openPicture, takePictures, turnedPicture } from './picture.js';
import { Reader } from './reader.js';
import { keepStrokes, keptStrokes } from './kept_sheet.js';
import { remember, remembered } from './remember.js';
import { classifyGlyph, Gone, onPresence, readPart } from './server.js';
import { Share } from './share.js';
import { onOtherTabs, tellTabs } from './tabs.js';
import { showToast } from './toast.js';
import { Trained } from './trained.js';
import { Training } from './training.js';
import { View } from './view.js';
import { Welcome } from './welcome.js';
import { errorText, onLanguage, translate, switchLanguage } from './words.js';

const acts_of_number = ['copy', 'type-number', 'share'];
const byId = (id) => document.getElementById(id);

const history = new History(() => sheetChanged());
const paper = new Paper(byId('canvas'), history, {
  moved(time) {
    updateTools();
    read(time);
  },
  lifted: read,
  at: (x, y) => view.at(x, y),
  tapped(index) {
    if (!view.box(index) || last?.about.example) return;  // it was read anew meanwhile, or nobody has written it
    if (index >= view.answer.digits.length) return markBox(refused[index - view.answer.digits.length]);
    view.select(index);
    ask(index, view.box(index));
  },
  boxed: (box) => {
    setBoxing(false);
    markBox(box);
  },
});
const reader = new Reader(showAnswer, showFailure);
const view = new View((index, element) => { if (!last?.about.example) ask(index, element); });
const corrections = new Corrections((counts) => {
  collection.setCounts(counts);
  tellTabs('collection');
  showAgain();
}, {
  isThere: ({ glyph }) => Boolean(view.answer?.digits.some((digit) => digit.glyph === glyph)),
  did: (step) => history.did(step),
  undid: (step) => history.forget(step),
  acts: { none: removeDigit, split: splitDigit, join: joinDigit, say: sayDigit },
});
const collection = new Collection(() => {
  corrections.forget();
  read(performance.now());
}, (id) => {
  corrections.forget(id);
  showAgain();
});
const training = new Training();
const trained = new Trained(() => read(performance.now()), () => {
  collection.refresh();
  read(performance.now());
});
const share = new Share(() => ({ strokes: history.sheet.picture ? [] : paper.strokes, answer: shown, corrections: corrections.told }));
const forms = new Forms(corrections);
const welcome = new Welcome(paper, {
  written: readExample,
  gone() {
    document.body.classList.remove('example');
    showNothing();
  },
  chosen: (file) => takeFiles([file]),
});

let version = 0;  // of the sheet; answers to an older one than the last cleared are dropped
let cleared = 0;
let last = null;  // the last answer with what it was about
let edits = [];  // edits.js
let shown = null;  // the last answer with the edits
let refused = [];  // boxes on the paper of strokes that are in no digit
let took = null;  // milliseconds from the pen to the painted answer

/** Has the sheet read as it is now; `time` is when that was asked for. */
function read(time) {
  const { picture } = history.sheet;
  view.select(-1);  // a key that is pressed now is not about what was read before
  const about = { version: ++version, time, picture, scale: 1, drawing: paper.drawing };
  if (paper.strokes.length === 0 && !picture) return welcome.isShown ? readExample() : showNothing();
  if (picture) {
    setStatus('reading');
    return reader.read(() => picture.file, about);
  }
  reader.read(() => {  // taken when its turn comes
    const { canvas, scale } = paper.snapshot();
    Object.assign(about, { scale, time: Math.max(about.time, time) });
    return canvas;
  }, about);
}

/** What stands on an empty sheet as an example is read like anything else. */
function readExample() {
  const about = { version: ++version, time: performance.now(), picture: null, scale: 1, example: true };
  reader.read(() => {
    const { canvas, scale } = paper.snapshot(paper.example);
    about.scale = scale;
    return canvas;
  }, about);
}

function showNothing() {
  reader.forget();
  cleared = version;
  last = null;
  took = null;
  view.clear();
  trained.forget();
  setStatus(null);
  byId('spoken').textContent = '';
  showAgain();
}

async function showAnswer(found, about) {
  if (about.version <= cleared) return;
  const answer = await trained.reread(found);
  requestAnimationFrame(() => {
    if (about.version <= Math.max(cleared, last?.about.version ?? 0)) return;
    last = { answer, about };
    document.body.classList.toggle('example', Boolean(about.example));
    if (about.picture && !about.picture.bitmap) measureUnseen(about.picture, answer.digits);
    showAgain();
    afterPaint(() => {
      took = performance.now() - about.time;
      document.body.dataset.took = took.toFixed(1);
      showStatus();
    });
  });
}

/** A picture that the browser cannot show is as large as what was found in it. */
function measureUnseen(picture, digits) {
  picture.width = Math.max(1, ...digits.map(({ box }) => box.x + box.width)) * 1.05;
  picture.height = Math.max(1, ...digits.map(({ box }) => box.y + box.height)) * 1.05;
  paper.fit();
}

function showFailure(error, about) {
  if (about.version <= cleared || about.version <= last?.about.version) return;
  if (about.picture && about.picture === history.sheet.picture && !(error instanceof Gone)) {  // what was there before comes back
    change(() => history.undo());
    showToast(errorText(error));
    return setStatus('error', error);
  }
  last = null;  // what was read before is not what is there now
  view.clear();
  showAgain();
  if (error instanceof Gone) setStatus('not_read');
  else setStatus('error', error);
}

/** The last answer once more: the sheet has another size, a digit was corrected, the language is another. */
function showAgain() {
  byId('how').textContent = translate('appears_here');
  for (const id of acts_of_number) byId(id).hidden = true;
  shown = null;
  refused = [];
  if (!last) return;
  const { answer, about } = last;
  shown = edited(answer, edits, history.sheet, about.scale, (digit) => corrections.said(digit));
  refused = isCurrent() && !about.picture ? refusedBoxes(shown, about.scale) : [];
  view.show(shown, corrections.told, (box) => paper.place(box, about.scale), refused.map((box) => paper.place(box, 1)));
  for (const id of acts_of_number) byId(id).hidden = shown.digits.length === 0 || Boolean(about.example);
  byId('how').textContent = translate(refused.length ? 'what_about_it' : shown.digits.length && !about.example ? 'how_to_correct' : 'appears_here');
  showStatus();
}

/** Whether what was read is what is on the sheet now. */
const isCurrent = () => Boolean(last) && last.about.version === version && !paper.drawing && !last.about.example;

const paperBox = ({ box }) => ({ x: box.x / last.about.scale, y: box.y / last.about.scale, width: box.width / last.about.scale, height: box.height / last.about.scale });
const boxedDigits = () => shown.digits.filter(({ box }) => box).map((digit) => ({ ...digit, box: paperBox(digit) }));

/** Strokes that were read as no digit, and that nobody has said to be none. */
function refusedBoxes({ digits }, scale) {
  const known = digits.filter(({ box }) => box).map(({ box }) => ({ x: box.x / scale, y: box.y / scale, width: box.width / scale, height: box.height / scale }));
  for (const { strokes, made } of edits) if (made?.length === 0) known.push(...strokes.map(boxOf));
  return boxesOfClusters(history.sheet.strokes).filter((box) => Math.max(box.width, box.height) > 24 && !known.some((one) => overlaps(one, box)));
}

// What someone says of what was read

function ask(index, element) {
  const { digits } = view.answer;
  corrections.pick(digits[index], element, Boolean(digits[index + 1]?.box));
}

/** What an edit of a part of the sheet is about: it holds as long as that is there. */
function aboutPart(box) {
  const { picture, strokes } = history.sheet;
  return { picture, strokes: strokes.filter((stroke) => overlaps(boxOf(stroke), box)) };
}

function edit(made) {
  const add = () => { edits = [...edits, made]; }, remove = () => { edits = edits.filter((one) => one !== made); };
  add();
  history.did({ back: remove, forth: add });
  showAgain();
}

/** The digit in a part of the paper, read by itself; null where there is no ink. */
async function readBox(box) {
  const { canvas, scale, origin } = paper.part(box);
  const digit = (await readPart(canvas)).digits[0] ?? await makeDigit(canvas);
  if (!digit) return null;
  const { x, y, width, height } = digit.box;
  return { ...digit, box: { x: x / scale + origin.x, y: y / scale + origin.y, width: width / scale, height: height / scale } };
}

/** What the reader would not take for a digit is one all the same, when someone says so. */
async function makeDigit(canvas) {
  const made = makeGlyph(canvas);
  return made && { ...made, ...await classifyGlyph(bytesOf(made.glyph)) };
}

/** Digits that are read in `boxes` come in place of those `removed`. */
async function replaceDigits(removed, boxes, around) {
  if (!last || !paper.part(around)) return;
  const at = version;
  try {
    const made = (await Promise.all(boxes.map(readBox))).filter(Boolean);
    if (made.length < boxes.length) return showToast(translate('no_ink_there'));
    if (at !== version) return;  // something else is on the sheet by now
    edit({ ...aboutPart(around), removed: removed.map(({ glyph }) => glyph), made });
    const index = shown.digits.findIndex(({ glyph }) => glyph === made[0].glyph);
    if (index < 0) return;
    view.select(index);
    if (made.length === 1) ask(index, view.box(index));
  } catch (error) {
    if (!(error instanceof Gone)) showToast(errorText(error));
  }
}

/** A box that someone has drawn: a digit that was missed, or one that was read as several. */
function markBox(box) {
  if (last) replaceDigits(digitsIn(boxedDigits(), box), [box], box);
}

function joinDigit(digit) {
  const at = shown.digits.findIndex(({ glyph }) => glyph === digit.glyph), two = boxedDigits().filter(({ glyph }) => [digit.glyph, shown.digits[at + 1].glyph].includes(glyph));
  const around = two.map(({ box }) => box).reduce(union);
  replaceDigits(two, [around], around);
}

/** Where there is least ink, near the middle. */
function splitDigit(digit) {
  const box = paperBox(digit), left = splitAt(paper.part(box), box);
  replaceDigits([digit], [{ ...box, width: left }, { ...box, x: box.x + left, width: box.width - left }], box);
}

function splitAt(part, box) {
  if (!part) return box.width / 2;
  const { canvas, scale, origin } = part;
  const { data, width } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const ink = Array(width).fill(0);
  for (let i = 0; i < data.length; i += 4) ink[i / 4 % width] += 255 - data[i + 1];
  const from = Math.round((box.x - origin.x + 0.3 * box.width) * scale), to = Math.round((box.x - origin.x + 0.7 * box.width) * scale);
  const middle = (from + to) / 2, cost = (x) => ink[x] + 20 * Math.abs(x - middle);
  let best = from;
  for (let x = from; x <= to; ++x) if (cost(x) < cost(best)) best = x;
  return best / scale + origin.x - box.x;
}

function removeDigit(digit) {
  edit({ ...aboutPart(paperBox(digit)), removed: [digit.glyph], made: [] });
}

/** Where the server may not be taught. */
function sayDigit(digit, what) {
  const box = paperBox(digit);
  edit({ ...aboutPart(box), removed: [digit.glyph], made: [{ ...digit, box, said: what }] });
}

/** Says what a digit is, for scrawl to learn from where it may. */
const sayOrTell = (digit, what) => (corrections.saves ? corrections.tell(digit, what) : sayDigit(digit, what));

/** The whole number as it should be: where as many digits were read, those that were misread are corrected. */
function typeNumber(text) {
  const typed = typedText(text), said = [...typed.replace(/\s/g, '')].map(Number), { digits } = shown;
  if (said.length === digits.length) digits.forEach((digit, i) => { if (digit.glyph && corrections.said(digit) !== said[i]) sayOrTell(digit, said[i]); });
  if (said.length !== digits.length || typed.replace(/\d/g, '') !== shown.text.replace(/\d/g, '')) {
    edit({ picture: history.sheet.picture, strokes: history.sheet.strokes, typed, of: digits.map(({ glyph }) => glyph) });
  }
}

function setBoxing(on) {
  paper.boxing = on;
  byId('draw-box').setAttribute('aria-pressed', String(on));
}

function showStatus() {
  if (!last || paper.drawing && shown.digits.length === 0) return setStatus(null);
  const { about } = last, answer = shown;
  if (answer.digits.length === 0) setStatus('nothing');
  else if (about.picture && !about.picture.bitmap) setStatus('hidden_picture');
  else if (took !== null) setStatus('read_in', { ms: Math.round(took) });
  if (about.example) return setStatus('example');  // which is nothing to be spoken
  if (about.version === version && !paper.drawing) speak(answer);
}

function speak({ digits }) {
  const words = digits.length === 0 ? translate('nothing') : translate('read_aloud', { text: byId('reading').textContent.replaceAll('\n', ', ') });
  if (byId('spoken').textContent !== words) byId('spoken').textContent = words;
}

let status = null;  // what is said below the reading, so that it can be said in another language

function setStatus(name, things) {
  status = name && { name, things };
  byId('status').textContent = !name ? '' : name === 'error' ? errorText(things) : translate(name, things);
}

/** Called in an animation frame: calls `then` once that frame is painted. */
function afterPaint(then) {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = then;
  port2.postMessage(null);
}

function updateTools() {
  byId('undo').disabled = !history.canUndo;
  byId('redo').disabled = !history.canRedo;
  byId('clear').disabled = history.isEmpty && !paper.drawing;
  byId('hint').hidden = !history.isEmpty || paper.drawing;
  if (byId('hint').hidden) welcome.end();
  const { picture } = history.sheet;
  byId('draw-box').hidden = Boolean(picture) || history.isEmpty;
  byId('paper').classList.toggle('pictured', Boolean(picture));
  byId('shown').hidden = !picture;
  byId('turn').hidden = !picture?.bitmap;
  const at = picture ? picture.all.indexOf(picture) : 0, of = picture?.all.length ?? 1;
  byId('picture-name').textContent = picture ? [of > 1 && `${at + 1} / ${of}`, picture.name].filter(Boolean).join('  ') : '';
  for (const id of ['picture-before', 'picture-after']) byId(id).hidden = of === 1;
  byId('picture-before').disabled = at === 0;
  byId('picture-after').disabled = at === of - 1;
}

function sheetChanged() {
  keepStrokes(history.sheet.strokes);
  paper.fit();
  paper.paintSoon();
  updateTools();
}

function change(action) {
  paper.drop();
  action();
  updateTools();
  paper.paintSoon();
  read(performance.now());
}

const clear = () => change(() => history.clear());
const undo = () => change(() => history.undo());
const redo = () => change(() => history.redo());

async function takeFiles(files) {
  if (location.hash === '#forms') return forms.take(files[0]);
  const time = performance.now();
  const others = files.filter(({ type }) => /^(text|audio|video)\/|json|zip/.test(type));
  if (others.length === files.length) return showToast(translate('failed', { error: translate('no_picture_file', others[0]) }));
  const pictures = await Promise.all(files.filter((file) => !others.includes(file)).map(openPicture));
  for (const picture of pictures) picture.all = pictures;
  if (location.hash === '#training') location.hash = '#read';
  showPicture(pictures[0], time);
}

function showPicture(picture, time = performance.now()) {
  paper.drop();
  history.put({ strokes: [], picture });
  showNothing();
  read(time);
}

/** Of several pictures that came together, the next one or the one before. */
function stepPicture(by) {
  const { picture } = history.sheet, at = picture.all.indexOf(picture) + by;
  if (picture.all[at]) showPicture(picture.all[at]);
}

async function turnPicture() {
  const { picture } = history.sheet;
  if (!picture?.bitmap) return;
  const turned = await turnedPicture(picture);
  turned.all = picture.all.map((one) => (one === picture ? turned : one));
  for (const one of turned.all) one.all = turned.all;
  if (history.sheet.picture === picture) showPicture(turned);
}

/** The drawing that a link carries (share.js), where the page was opened by one. Whether it was. */
function openLink() {
  const [, text] = /^#ink=(.*)$/.exec(location.hash) ?? [];
  if (text === undefined) return false;
  const strokes = strokesOfText(text);
  if (strokes) change(() => history.put({ strokes, picture: null }));
  else showToast(translate('no_ink'));
  return true;
}

/** The drawing of before a reload. */
function openKept() {
  const strokes = keptStrokes();
  if (strokes) change(() => history.put({ strokes, picture: null }));
}

// Tools

byId('undo').onclick = undo;
byId('redo').onclick = redo;
byId('clear').onclick = clear;
byId('remove-picture').onclick = clear;
byId('pen').value = remembered('pen') ?? (matchMedia('(max-width: 600px)').matches ? 12 : 14);
byId('pen').oninput = () => {
  paper.penWidth = Number(byId('pen').value);
  byId('nib').style.width = byId('nib').style.height = `${paper.penWidth}px`;
  remember('pen', byId('pen').value);
};
byId('pen').oninput();
takePictures(byId('paper'), takeFiles, showToast);
let turning = Promise.resolve();  // one turn after the other, however fast they are asked for
byId('turn').onclick = () => { turning = turning.then(turnPicture); };
byId('picture-before').onclick = () => stepPicture(-1);
byId('picture-after').onclick = () => stepPicture(1);

byId('draw-box').onclick = () => setBoxing(!paper.boxing);
byId('type-number').onclick = () => {
  const field = byId('type').querySelector('textarea');
  field.value = byId('reading').textContent;
  field.rows = field.value.split('\n').length;
  openBeside(byId('type'), byId('type-number'));
  field.select();
};
byId('type').querySelector('textarea').onkeydown = (event) => {
  if (event.key !== 'Enter' || event.shiftKey) return;
  event.preventDefault();
  byId('type').close('given');
};
byId('type').onclose = () => {
  if (byId('type').returnValue === 'given' && shown?.digits) typeNumber(byId('type').querySelector('textarea').value);
  byId('type').returnValue = '';
};

byId('language').onclick = switchLanguage;
byId('scheme').onclick = () => {
  const { scheme } = document.documentElement.dataset;
  const dark = scheme ? scheme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.scheme = dark ? 'light' : 'dark';
  remember('scheme', document.documentElement.dataset.scheme);
  paper.paint();
};
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => paper.paint());
onLanguage(() => {
  if (status) setStatus(status.name, status.things);
  showAgain();
});

// Keys

document.addEventListener('keydown', (event) => {
  if (document.querySelector('dialog[open]') || byId('read').hidden) return;
  const control = event.ctrlKey || event.metaKey, key = event.key.toLowerCase();
  const inField = event.target.matches('input[type=number], input[type=range]');
  if (control && key === 'z') event.shiftKey ? redo() : undo();
  else if (control && key === 'y') redo();
  else if (control && key === 'c' && shown?.digits.length && getSelection().isCollapsed) share.copyNumber();
  else if (control || event.altKey) return;
  else if (key === 'escape' || key === 'delete') clear();
  else if (inField) return;
  else if (key === 'arrowleft' || key === 'arrowright') view.step(key === 'arrowleft' ? -1 : 1);
  else if (/^[0-9]$/.test(key) && view.selected >= 0 && isCurrent()) sayOrTell(view.answer.digits[view.selected], Number(key));
  else return;
  event.preventDefault();
});

// Tabs, and the server's coming and going

function showTab() {
  const tabs = ['read', 'forms', 'training'];
  const inBrowser = document.documentElement.dataset.backend === 'browser';  // which has neither of the others
  const name = inBrowser ? 'read' : tabs.find((tab) => location.hash === `#${tab}`) ?? 'read';
  for (const tab of tabs) {
    byId(tab).hidden = tab !== name;
    const link = document.querySelector(`nav a[href="#${tab}"]`);
    if (tab === name) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  if (name === 'training') training.redraw();
  else if (name === 'read') paper.resize();
}

onPresence((present) => {
  byId('banner').hidden = present;
  byId('banner').textContent = present ? '' : translate('gone');
  if (!present) return;
  showToast(translate('back'));
  refresh();
  read(performance.now());
});

/** Asks the server how things are: at first, and when another tab or another program may have changed them. */
async function refresh() {
  const model = await collection.refresh();
  if (!model) return;
  training.setAbilities(model);
  corrections.saves = model.may_teach;
  document.querySelector('nav a[href="#training"]').hidden = !model.may_teach;
  if (!model.may_teach) return;
  trained.refresh();
  watchJob();
}

onOtherTabs((what) => {
  if (what === 'job') return watchJob();
  refresh();
  if (what === 'model') read(performance.now());
});
document.addEventListener('visibilitychange', () => { if (!document.hidden) refresh(); });

window.addEventListener('hashchange', () => {
  showTab();
  openLink();
});
new ResizeObserver(() => {
  paper.resize();
  showAgain();
}).observe(byId('canvas'));
updateTools();
showTab();
if (!openLink()) openKept();
if (history.isEmpty) welcome.start();
refresh();
