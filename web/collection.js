// The drawer with the digits that were corrected, and learning from them.
import { drawChart, lossRange } from './chart.js';
import { glyphCanvas } from './glyph.js';
import { stopJob, watchers, watchJob } from './job.js';
import { ask, Gone, send } from './server.js';
import { tellTabs } from './tabs.js';
import { showToast } from './toast.js';
import { errorText, jobErrorText, onLanguage, percent, translate, reasonText } from './words.js';

const byId = (id) => document.getElementById(id);

function modelText({ source, metadata }) {
  if (source === 'builtin') return translate('model_builtin');
  if (source !== 'personal') return translate('model_file', { file: source });
  return metadata.trained_as ? translate('model_trained', metadata) : translate('model_personal');
}

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
    byId('keep-learned').onclick = () => this.#tried(() => this.#keep());
    byId('go-back').onclick = () => this.#tried(() => this.#goBack());
    watchers.push((job) => this.#watch(job));
    onLanguage(() => this.#redraw());
  }

  async #tried(action) {
    try { await action(); } catch (error) { if (!(error instanceof Gone)) showToast(errorText(error)); }
  }

  /** Asks which model reads and how many there are, where anybody may teach it. The model, or null where the server is gone. */
  async refresh() {
    try {
      this.#model = await ask('GET', 'v1/model');
      byId('open-collection').hidden = !this.#model.may_teach;
      if (this.#model.may_teach) {
        this.setCounts(await ask('GET', 'v1/corrections'));
        if (this.drawer.open) await this.#show();
      }
      this.#redraw();
    } catch (error) {
      if (error.status) byId('open-collection').hidden = true;
    }
    return this.#model;
  }

  open() {
    if (!this.drawer.open) this.drawer.showModal();
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
    this.#redraw();
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
    tellTabs('collection');
    (entry.nextElementSibling ?? entry.previousElementSibling)?.querySelector('button').focus();
    entry.remove();
    if (!byId('items').firstChild) await this.#show();
  }

  async #learn() {
    await send('v1/learn');
    tellTabs('job');
    await watchJob();
  }

  /** What was learned and not kept. */
  async #keep() {
    this.#model = await send('v1/learn/keep');
    await watchJob();
    this.#redraw();
    this.learned();
    tellTabs('model');
  }

  async #goBack() {
    this.#model = await ask('POST', 'v1/model/undo');
    this.#learning = null;
    this.#redraw();
    this.learned();
    tellTabs('model');
    showToast(translate('gone_back'));
  }

  #watch(job) {
    if (job.kind !== 'learning') return;
    const ended = this.#learning?.running && !job.running;
    this.#learning = job;
    if (ended) {
      this.refresh();
      if (job.kept) {
        this.learned();
        tellTabs('model');
      }
    }
    this.#redraw();
  }

  #redraw() {
    const job = this.#learning, model = this.#model;
    byId('model-state').hidden = Boolean(job);  // whose end says it
    byId('model-state').textContent = model ? modelText(model) : '';
    byId('go-back').hidden = !model?.can_undo || Boolean(job?.running);
    byId('learn').hidden = Boolean(job?.running);
    byId('stop-learning').hidden = !job?.running;
    byId('learn').disabled = this.#size === 0 || model?.has_mnist === false;
    byId('keep-learned').hidden = !job?.can_keep;
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
    if (!job) return this.#model?.has_mnist === false ? [translate('no_mnist')] : [];
    if (job.running) return [translate('learning', { percent: percent(job.progress) })];
    if (job.error) return [jobErrorText(job)];
    const words = document.createElement('b');
    const anyway = job.kept && !job.reason_code.startsWith('better');
    words.textContent = translate(!job.after ? 'stopped' : anyway ? 'kept_anyway' : job.kept ? 'kept' : 'not_kept');
    const reason = document.createElement('small');
    reason.textContent = !job.after || anyway ? '' : job.can_keep ? `${reasonText(job)} ${translate('advice')}` : reasonText(job);
    return [words, ' ', reason];
  }
}
