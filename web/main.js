// Puts the page together: what happens on the sheet is read, what is read is shown, what is shown can be corrected.
import { Paper } from './canvas.js';
import { Collection } from './collection.js';
import { Corrections } from './corrections.js';
import './dialogs.js';
import { Exchange } from './exchange.js';
import { Forms } from './forms.js';
import { History } from './history.js';
import { strokesOfText } from './ink_link.js';
import { watchJob } from './job.js';
import { openPicture, takePictures, turnedPicture } from './picture.js';
import { Reader } from './reader.js';
import { keepStrokes, keptStrokes } from './kept_sheet.js';
import { remember, remembered } from './remember.js';
import { Saying } from './saying.js';
import { Gone, onPresence } from './server.js';
import { Share } from './share.js';
import { onOtherTabs, tellTabs } from './tabs.js';
import { Think } from './think.js';
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
    think.moved();
    read(time);
  },
  lifted(time) {
    updateTools();  // what was under the pen may have been no stroke
    read(time);
  },
  at: (x, y) => view.at(x, y),
  tapped(index) {
    if (!view.box(index) || last?.about.example) return;  // it was read anew meanwhile, or nobody has written it
    if (index >= view.answer.digits.length) return saying.mark(refused[index - view.answer.digits.length]);
    view.select(index);
    saying.ask(index, view.box(index));
  },
  boxed: (box) => {
    saying.setBoxing(false);
    saying.mark(box);
  },
});
const reader = new Reader(showAnswer, showFailure);
const view = new View((index, element) => { if (!last?.about.example) saying.ask(index, element); });
const saying = new Saying({
  history, paper, view, changed: showAgain,
  reading: () => shown && { shown, scale: last.about.scale, version },
  corrections: () => corrections,
});
const corrections = new Corrections((counts) => {
  collection.setCounts(counts);
  tellTabs('collection');
  showAgain();
}, {
  isThere: ({ glyph }) => Boolean(view.answer?.digits.some((digit) => digit.glyph === glyph)),
  did: (step) => history.did(step),
  undid: (step) => history.forget(step),
  acts: saying,
});
const collection = new Collection(() => {
  think.changed();
  corrections.forget();
  read(performance.now());
}, (id) => {
  corrections.forget(id);
  showAgain();
});
new Exchange(() => collection.open());
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
const think = new Think(() => ({ strokes: paper.strokes, picture: history.sheet.picture, drawing: paper.drawing }), () => paper.resize());

let version = 0;  // of the sheet; answers to an older one than the last cleared are dropped
let cleared = 0;
let last = null;  // the last answer with what it was about
let shown = null;  // the last answer with what was said of where its digits are
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
    const { canvas, scale, origin } = paper.snapshot();
    Object.assign(about, { scale, origin, time: Math.max(about.time, time) });
    return canvas;
  }, about);
}

/** What stands on an empty sheet as an example is read like anything else. */
function readExample() {
  const about = { version: ++version, time: performance.now(), picture: null, scale: 1, example: true };
  reader.read(() => {
    const { canvas, scale, origin } = paper.snapshot(paper.example);
    Object.assign(about, { scale, origin });
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
  const answer = onPaper(await trained.reread(found), about);
  requestAnimationFrame(() => {
    if (about.version <= Math.max(cleared, last?.about.version ?? 0)) return;
    if (last && last.about.scale !== about.scale) carryOver(answer, about.scale);
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

/** Boxes in pixels of the whole sheet, of which a part was sent. */
function onPaper(answer, { origin }) {
  if (!origin) return answer;
  return { ...answer, digits: answer.digits.map((digit) => ({ ...digit, box: { ...digit.box, x: digit.box.x + origin.x, y: digit.box.y + origin.y } })) };
}

/** In another size a digit has another glyph; what was said of it goes on to that. */
function carryOver(answer, scale) {
  const names = new Map();
  for (const old of last.answer.digits) {
    const grown = scale / last.about.scale;
    const isNear = (now, then, { height }) => Math.abs(now - then * grown) < 0.1 * height;
    const now = answer.digits.find(({ box }) => ['x', 'y', 'width', 'height'].every((side) => isNear(box[side], old.box[side], box)));
    if (now) names.set(old.glyph, now.glyph);
  }
  for (const [old, now] of names) if (corrections.told.has(old)) corrections.told.set(now, corrections.told.get(old));
  saying.rename(names);
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
  think.read(last?.answer, last?.about.scale);
  if (!last) return;
  const { answer, about } = last;
  shown = saying.applied(answer, about.scale);
  refused = isCurrent() && !about.picture ? saying.refused(shown, about.scale) : [];
  view.show(shown, corrections.told, (box) => paper.place(box, about.scale), refused.map((box) => paper.place(box, 1)));
  for (const id of acts_of_number) byId(id).hidden = shown.digits.length === 0 || Boolean(about.example);
  byId('how').textContent = about.example ? '' : translate(howName(about));
  showStatus();
}

/** What can be done about what was read: the name of its text. */
function howName({ picture }) {
  if (refused.length) return 'what_about_it';
  if (shown.digits.length === 0) return 'appears_here';
  return picture?.bitmap ? 'how_to_correct_picture' : 'how_to_correct';
}

/** Whether what was read is what is on the sheet now. */
const isCurrent = () => Boolean(last) && last.about.version === version && !paper.drawing && !last.about.example;

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
  const model = files.find(({ name }) => /\.safetensors$/i.test(name));
  if (model) return think.take(model);
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
  else if (/^[0-9]$/.test(key) && view.selected >= 0 && isCurrent()) saying.tell(view.answer.digits[view.selected], Number(key));
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
