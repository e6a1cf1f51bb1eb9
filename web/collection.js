// The drawer with the digits that were corrected, and learning from them.
import { drawChart, lossRange } from './chart.js';
import { glyphCanvas } from './glyph.js';
import { stopJob, watchers, watchJob } from './job.js';
import { ask, Gone, send } from './server.js';
import { showToast } from './toast.js';
import { onLanguage, percent, translate, reasonText } from './words.js';

const byId = (id) => document.getElementById(id);

export class Collection {
  #model = null;
  #learning = null;  // the last state of a learning job
  #size = 0;
  #next = null;  // the id behind which more of the collection is to be asked for

  /** `learned()` when the model has changed; `removed(id)` when a correction is gone. */
  constructor(learned, removed) {
    this.learned = learned;
    this.removed = removed;
    this.drawer = byId('collection');
    byId('open-collection').onclick = () => this.open();
    byId('more-items').onclick = () => this.#tried(() => this.#showMore());
    byId('learn').onclick = () => this.#tried(() => this.#learn());
    byId('stop-learning').onclick = () => this.#tried(stopJob);
    byId('go-back').onclick = () => this.#tried(() => this.#goBack());
    watchers.push((job) => this.#watch(job));
    onLanguage(() => this.#redraw());
  }

  async #tried(action) {
    try { await action(); } catch (error) { if (!(error instanceof Gone)) showToast(translate('failed', { error: error.message })); }
  }

  /** Asks how many there are and which model reads. A server that others reach may let nobody teach it. */
  async refresh() {
    try {
      this.setCounts(await ask('GET', 'v1/corrections'));
      this.#model = await ask('GET', 'v1/model');
      this.#redraw();
    } catch (error) {
      if (error.status) byId('open-collection').hidden = true;
    }
  }

  open() {
    this.drawer.showModal();
    this.#redraw();
    return this.#tried(async () => {
      await this.#show();
      this.#model = await ask('GET', 'v1/model');
      this.#redraw();
    });
  }

  setCounts({ size, digits }) {
    this.#size = size;
    byId('collection-size').textContent = size;
    byId('collection-size').hidden = size === 0;
    byId('counts').replaceChildren(...digits.map((count, digit) => {
      const cell = document.createElement('span');
      cell.append(Object.assign(document.createElement('b'), { textContent: digit }), String(count));
      cell.setAttribute('aria-label', translate('count_label', { digit, count }));
      cell.classList.toggle('none', count === 0);
      return cell;
    }));
    byId('learn').disabled = size === 0 || Boolean(this.#learning?.running);
  }

  /** The collection from its beginning; it comes in pages. */
  async #show() {
    const page = await ask('GET', 'v1/corrections?glyphs=true');
    byId('items').replaceChildren();
    this.#add(page);
  }

  async #showMore() {
    byId('more-items').disabled = true;  // a page is not asked for twice
    try {
      this.#add(await ask('GET', `v1/corrections?glyphs=true&after=${encodeURIComponent(this.#next)}`));
    } finally {
      byId('more-items').disabled = false;
    }
  }

  #add({ items, next = null, ...counts }) {
    this.setCounts(counts);
    this.#next = next;
    byId('more-items').hidden = next === null;
    byId('items').append(...items.map((item) => this.#entry(item)));
    if (!byId('items').firstChild) byId('items').append(Object.assign(document.createElement('li'), { className: 'muted', textContent: translate('collection_empty') }));
  }

  #entry(item) {
    const entry = document.createElement('li');
    const button = document.createElement('button');
    button.append(glyphCanvas(item.glyph), Object.assign(document.createElement('b'), { textContent: item.digit }));
    button.title = translate('remove_item', item);
    button.setAttribute('aria-label', button.title);
    button.onclick = () => this.#tried(() => this.#remove(item, entry));
    entry.append(button);
    return entry;
  }

  async #remove(item, entry) {
    const counts = await ask('DELETE', `v1/corrections/${item.id}`);
    this.removed(item.id);
    showToast(translate('removed', counts), () => this.#tried(async () => {
      await send('v1/corrections', { glyph: item.glyph, digit: item.digit });
      await this.#show();
    }));
    this.setCounts(counts);
    (entry.nextElementSibling ?? entry.previousElementSibling)?.querySelector('button').focus();
    entry.remove();
    if (!byId('items').firstChild) await this.#show();
  }

  async #learn() {
    await send('v1/learn');
    await watchJob();
  }

  async #goBack() {
    this.#model = await ask('POST', 'v1/model/undo');
    this.#learning = null;
    this.#redraw();
    this.learned();
    showToast(translate('gone_back'));
  }

  #watch(job) {
    if (job.kind !== 'learning') return;
    const ended = this.#learning?.running && !job.running;
    this.#learning = job;
    if (ended) {
      this.refresh();
      if (job.kept) this.learned();
    }
    this.#redraw();
  }

  #redraw() {
    const job = this.#learning, model = this.#model;
    byId('model-state').hidden = Boolean(job);  // whose end says it
    byId('model-state').textContent = !model ? '' : model.source === 'builtin' ? translate('model_builtin') : model.source === 'personal' ? translate('model_personal') : translate('model_file', { file: model.source });
    byId('go-back').hidden = !model?.can_undo || Boolean(job?.running);
    byId('learn').hidden = Boolean(job?.running);
    byId('stop-learning').hidden = !job?.running;
    byId('learn').disabled = this.#size === 0;
    byId('learn-progress').hidden = !job?.running;
    byId('learn-progress').value = job?.progress ?? 0;
    byId('learn-status').replaceChildren(...this.#verdict(job));
    byId('learn-chart').hidden = !job || job.losses.length < 2;
    if (!byId('learn-chart').hidden) {
      drawChart(byId('learn-chart'), [{ name: translate('loss'), kind: 'train', points: job.losses }], { low: 0, high: 1, text: percent }, lossRange(job.losses.map(([, loss]) => loss)));
    }
    byId('learn-table').hidden = !job?.after;
    if (!job?.after) return;
    const [own, mnist] = byId('learn-table').tBodies[0].rows;
    for (const [row, name, digits] of [[own, 'collection', 0], [mnist, 'mnist', 2]]) {
      row.cells[1].textContent = percent(job.before[name], digits);
      row.cells[2].textContent = percent(job.after[name], digits);
    }
  }

  #verdict(job) {
    if (!job) return [];
    if (job.running) return [translate('learning', { percent: percent(job.progress) })];
    if (job.error) return [translate('failed', { error: job.error })];
    const words = document.createElement('b');
    words.textContent = translate(!job.after ? 'stopped' : job.kept ? 'kept' : 'not_kept');
    const reason = document.createElement('small');
    reason.textContent = job.after ? reasonText(job) : '';
    return [words, ' ', reason];
  }
}
