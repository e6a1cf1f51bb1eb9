// Puts the page together: what happens on the sheet is read, what is read is shown, what is shown can be corrected.
import { Paper } from './canvas.js';
import { Collection } from './collection.js';
import { Corrections } from './corrections.js';
import './dialogs.js';
import { Forms } from './forms.js';
import { History } from './history.js';
import { strokesOfText } from './ink_link.js';
import { watchJob } from './job.js';
import { openPicture, takePictures } from './picture.js';
import { Reader } from './reader.js';
import { remember, remembered } from './remember.js';
import { Gone, onPresence } from './server.js';
import { Share } from './share.js';
import { showToast } from './toast.js';
import { Training } from './training.js';
import { View } from './view.js';
import { onLanguage, translate, switchLanguage } from './words.js';

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
    if (!view.box(index)) return;  // it was read anew meanwhile
    view.select(index);
    corrections.pick(view.answer.digits[index], view.box(index));
  },
});
const reader = new Reader(showAnswer, showFailure);
const view = new View((index, element) => corrections.pick(view.answer.digits[index], element));
const corrections = new Corrections((counts) => {
  collection.setCounts(counts);
  showAgain();
});
const collection = new Collection(() => {
  corrections.forget();
  read(performance.now());
}, (id) => {
  corrections.forget(id);
  showAgain();
});
const training = new Training();
new Share(() => ({ strokes: history.sheet.picture ? [] : paper.strokes, answer: last.answer, corrections: corrections.told }));
const forms = new Forms(corrections);

let version = 0;  // of the sheet; answers to an older one than the last cleared are dropped
let cleared = 0;
let last = null;  // the last answer with what it was about
let took = null;  // milliseconds from the pen to the painted answer

/** Has the sheet read as it is now; `time` is when that was asked for. */
function read(time) {
  const { picture } = history.sheet;
  const about = { version: ++version, time, picture, scale: 1, drawing: paper.drawing };
  if (paper.strokes.length === 0 && !picture) return showNothing();
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

function showNothing() {
  reader.forget();
  cleared = version;
  last = null;
  took = null;
  view.clear();
  setStatus(null);
  byId('spoken').textContent = '';
  showAgain();
}

function showAnswer(answer, about) {
  if (about.version <= cleared) return;
  requestAnimationFrame(() => {
    if (about.version <= cleared) return;
    last = { answer, about };
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
  if (about.version <= cleared || error instanceof Gone) return;  // the banner says that it is gone
  last = null;
  view.clear();
  showAgain();
  setStatus('failed', { error: error.message });
}

/** The last answer once more: the sheet has another size, a digit was corrected, the language is another. */
function showAgain() {
  byId('how').textContent = translate(last?.answer.digits.length ? 'how_to_correct' : 'appears_here');
  byId('share').hidden = !last?.answer.digits.length;
  if (!last) return;
  view.show(last.answer, corrections.told, (box) => paper.place(box, last.about.scale));
  showStatus();
}

function showStatus() {
  if (!last || paper.drawing && last.answer.digits.length === 0) return setStatus(null);
  const { answer, about } = last;
  if (answer.digits.length === 0) setStatus('nothing');
  else if (about.picture && !about.picture.bitmap) setStatus('hidden_picture');
  else if (took !== null) setStatus('read_in', { ms: Math.round(took) });
  if (about.version === version && !paper.drawing) speak(answer);
}

function speak({ digits }) {
  const words = digits.length === 0 ? translate('nothing') : translate('read_aloud', { text: byId('reading').textContent.replaceAll('\n', ', ') });
  if (byId('spoken').textContent !== words) byId('spoken').textContent = words;
}

let status = null;  // what is said below the reading, so that it can be said in another language

function setStatus(name, things) {
  status = name && { name, things };
  byId('status').textContent = name ? translate(name, things) : '';
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
  const { picture } = history.sheet;
  byId('paper').classList.toggle('pictured', Boolean(picture));
  byId('shown').hidden = !picture;
  byId('shown').firstChild.textContent = picture?.name ?? '';
}

function sheetChanged() {
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

async function takePicture(file) {
  if (location.hash === '#forms') return forms.take(file);
  const time = performance.now();
  const picture = await openPicture(file);
  if (location.hash === '#training') location.hash = '#read';
  paper.drop();
  history.put({ strokes: [], picture });
  showNothing();
  read(time);
}

/** The drawing that a link carries (share.js), where the page was opened by one. */
function openLink() {
  const [, text] = /^#ink=(.*)$/.exec(location.hash) ?? [];
  if (text === undefined) return;
  const strokes = strokesOfText(text);
  if (strokes) change(() => history.put({ strokes, picture: null }));
  else showToast(translate('no_ink'));
}

// Tools

byId('undo').onclick = undo;
byId('redo').onclick = redo;
byId('clear').onclick = clear;
byId('shown').querySelector('button').onclick = clear;
byId('pen').value = remembered('pen') ?? (matchMedia('(max-width: 600px)').matches ? 12 : 14);
byId('pen').oninput = () => {
  paper.penWidth = Number(byId('pen').value);
  byId('nib').style.width = byId('nib').style.height = `${paper.penWidth}px`;
  remember('pen', byId('pen').value);
};
byId('pen').oninput();
takePictures(byId('paper'), takePicture, showToast);

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
  else if (control || event.altKey) return;
  else if (key === 'escape' || key === 'delete') clear();
  else if (inField) return;
  else if (key === 'arrowleft' || key === 'arrowright') view.step(key === 'arrowleft' ? -1 : 1);
  else if (/^[0-9]$/.test(key) && view.selected >= 0) corrections.tell(view.answer.digits[view.selected], Number(key));
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
  collection.refresh();
  watchJob();
  read(performance.now());
});

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
openLink();
collection.refresh();
watchJob();
