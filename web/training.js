// The tab where a network is trained from nothing: curves, confusions and mistakes as it runs.
import { drawChart, lossRange } from './chart.js';
import { glyphCanvas } from './glyph.js';
import { stopJob, watchers, watchJob } from './job.js';
import { ask, Gone, onPresence, send } from './server.js';
import { tellTabs } from './tabs.js';
import { errorText, jobErrorText, onLanguage, percent, translate, presetText } from './words.js';

const byId = (id) => document.getElementById(id);

export class Training {
  #job = null;
  #refusal = '';
  #presets = null;  // null: not asked for yet
  #untouched = true;  // nobody has chosen a network
  #abilities = { may_teach: true, has_mnist: true };  // of GET /v1/model

  constructor() {
    const form = byId('train');
    form.addEventListener('change', ({ target }) => {
      this.#untouched = false;
      if (target.name === 'model') this.#takeEpochs();
    });
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#start(form.model.value, Number(form.epochs.value));
    });
    byId('stop').onclick = () => this.#tried(stopJob);
    watchers.push((job) => {
      if (job.kind === 'training') this.#take(job);
      else if (job.running) this.#job = null;
      this.redraw();
    });
    new ResizeObserver(() => this.redraw()).observe(byId('training'));
    onLanguage(() => {
      this.#namePresets();
      this.redraw();
    });
    onPresence(() => this.redraw());
  }

  /** What the server can do, before anybody asks it in vain. */
  setAbilities(model) {
    this.#abilities = model;
    this.redraw();
  }

  /** Its result stands under its own name: where nobody has chosen another network yet, it is the one that is chosen. */
  #take(job) {
    this.#job = job;
    if (!this.#untouched || !this.#presets?.length) return;
    this.#untouched = false;
    byId('train').model.value = job.model;
    byId('train').epochs.value = job.epochs;
  }

  /** Shows the server's presets, the quickest first and chosen. */
  async #loadPresets() {
    this.#presets = [];
    try {
      this.#presets = (await ask('GET', 'v1/presets')).presets.sort((a, b) => a.seconds - b.seconds);
    } catch (error) {
      if (error instanceof Gone) {
        this.#presets = null;  // asked for again when the server is back
      } else {
        this.#refusal = errorText(error);
        this.redraw();
      }
      return;
    }
    byId('presets').replaceChildren(...this.#presets.map(({ name }, at) => {
      const label = document.createElement('label');
      const radio = Object.assign(document.createElement('input'), { type: 'radio', name: 'model', value: name, checked: at === 0 });
      label.append(radio, Object.assign(document.createElement('b'), { textContent: name }), document.createElement('small'));
      return label;
    }));
    this.#namePresets();
    this.#takeEpochs();
    if (this.#job) this.#take(this.#job);
    byId('train').epochs.disabled = false;
    this.redraw();
  }

  #namePresets() {
    [...byId('presets').children].forEach((label, at) => {
      label.lastChild.textContent = presetText(this.#presets[at]);
      label.title = translate('measured', this.#presets[at]);
    });
  }

  #takeEpochs() {
    const form = byId('train');
    form.epochs.value = this.#presets.find(({ name }) => name === form.model.value).epochs;
    this.redraw();
  }

  async #tried(action) {
    this.#refusal = '';
    try {
      await action();
    } catch (error) {
      if (!(error instanceof Gone)) this.#refusal = errorText(error);
      this.redraw();
    }
  }

  #start(model, epochs) {
    return this.#tried(async () => {
      await send('v1/training', { model, epochs, seed: 1 });
      tellTabs('job');
      await watchJob();
    });
  }

  redraw() {
    if (byId('training').hidden) return;
    if (!this.#presets) this.#loadPresets();
    const job = this.#job;
    byId('start').hidden = Boolean(job?.running);
    byId('stop').hidden = !job?.running;
    byId('start').disabled = !this.#presets?.length || !this.#abilities.may_teach || !this.#abilities.has_mnist;
    byId('train-progress').hidden = !job?.running;
    byId('train-progress').value = job?.progress ?? 0;
    byId('train-status').textContent = this.#status(job);
    this.#drawCurves(job);
    byId('confusion-card').hidden = !job?.confusion;
    if (job?.confusion) drawConfusion(byId('confusion'), job.confusion);
    byId('mistakes-card').hidden = !job?.mistakes?.length;
    if (job?.mistakes?.length) drawMistakes(byId('mistakes'), job.mistakes);
  }

  #status(job) {
    if (this.#refusal) return this.#refusal;
    if (!this.#abilities.may_teach) return translate('may_not_teach');
    if (!this.#abilities.has_mnist) return translate('no_mnist_training');
    if (!job) return translate('not_trained');
    const name = job.model, seconds = job.seconds.toFixed(1);
    if (job.error) return translate('of_network', { name, words: jobErrorText(job) });
    if (job.running) return translate('training', { name, epoch: Math.min(job.history.length + 1, job.epochs), epochs: job.epochs, seconds });
    if (job.history.length === 0) return translate('of_network', { name, words: translate('stopped') });
    const validation = percent(Math.max(...job.history.map(({ validation_accuracy }) => validation_accuracy)), 2);
    return job.test_accuracy === null ? translate('trained_untested', { name, validation, seconds }) : translate('trained', { name, test: percent(job.test_accuracy, 2), validation, seconds });
  }

  #drawCurves(job) {
    const history = job?.history ?? [], epochs = job?.epochs ?? Number(byId('train').epochs.value);
    const of = (name) => history.map((epoch) => [epoch.epoch, epoch[name]]);
    const batches = (job?.losses ?? []).map(([fraction, loss]) => [fraction * epochs, loss]);
    const x = { low: 0, high: epochs, most: epochs, text: String };
    drawChart(byId('loss-chart'), [
      { name: translate('batches'), kind: 'batches', points: batches },
      { name: translate('train_set'), kind: 'train epochs', points: of('train_loss') },
      { name: translate('validation_set'), kind: 'validation epochs', points: of('validation_loss') },
    ], x, lossRange([...batches, ...of('validation_loss')].map(([, loss]) => loss)));
    const worst = Math.min(0.98, ...history.flatMap((epoch) => [epoch.train_accuracy, epoch.validation_accuracy]));
    const low = Math.max(0, 1 - 1.15 * (1 - worst));
    drawChart(byId('accuracy-chart'), [
      { name: translate('train_set'), kind: 'train epochs', points: of('train_accuracy') },
      { name: translate('validation_set'), kind: 'validation epochs', points: of('validation_accuracy') },
    ], x, { low, high: 1, text: (value) => percent(value, low > 0.95 ? 1 : 0) });
  }
}

/** Colored by mistakes alone: beside thousands of right answers no mistake would be seen. */
function drawConfusion(parent, counts) {
  const most = Math.max(1, ...counts.flatMap((row, label) => row.filter((_, answer) => answer !== label)));
  const cell = (name, text) => Object.assign(document.createElement(name), { textContent: text });
  const table = document.createElement('table');
  table.className = 'confusion';
  table.append(rowOf([cell('td', ''), ...counts.map((_, digit) => header(digit, 'col'))]));
  counts.forEach((row, label) => table.append(rowOf([header(label, 'row'), ...row.map((count, answer) => {
    const made = cell('td', count || '·');
    made.title = `${label} → ${answer}: ${count}`;
    if (label === answer) made.className = 'correct';
    else made.style.setProperty('--fraction', count === 0 ? '0%' : `${8 + 82 * count / most}%`);
    made.classList.toggle('deep', label !== answer && count / most > 0.5);
    return made;
  })])));
  parent.replaceChildren(table);

  function header(digit, scope) {
    const made = cell('th', digit);
    made.scope = scope;
    return made;
  }
  function rowOf(cells) {
    const row = document.createElement('tr');
    row.append(...cells);
    return row;
  }
}

function drawMistakes(parent, mistakes) {
  parent.replaceChildren(...mistakes.map(({ glyph, label, answer, confidence }) => {
    const entry = document.createElement('li');
    const words = document.createElement('span');
    words.append(`${label} → `, Object.assign(document.createElement('em'), { textContent: answer }));
    entry.title = percent(confidence);
    entry.append(glyphCanvas(glyph), words);
    return entry;
  }));
}

