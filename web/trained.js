// The network that was trained here: to read with, to compare with the one that reads otherwise, to keep and to download.
import { bytesOf } from './glyph.js';
import { watchers } from './job.js';
import { ask, download, Gone, send } from './server.js';
import { save } from './save.js';
import { tellTabs } from './tabs.js';
import { showToast } from './toast.js';
import { errorText, onLanguage, percent, translate } from './words.js';

const byId = (id) => document.getElementById(id);

/** What `network` says of a reading's glyphs, each by itself: the same reading with its digits. */
async function readAgain(answer) {
  if (answer.digits.length === 0) return answer;
  const glyphs = answer.digits.map(({ glyph }) => bytesOf(glyph));
  const { digits: said } = await ask('POST', 'v1/classify?network=trained', new Blob(glyphs, { type: 'application/octet-stream' }));
  const digits = answer.digits.map((digit, i) => ({ ...digit, ...said[i] }));
  let at = 0;
  return { ...answer, digits, text: answer.text.replace(/\S/g, () => digits[at++].digit) };
}

export class Trained {
  #network = null;  // as GET /v1/training describes it
  #state = '';  // of the job, as far as it matters for this
  #own = null;  // what the network that reads otherwise says of the sheet
  #its = null;  // what this one says
  chosen = 'current';

  /** `changed()` when another network is to read; `kept()` when the server's own model is another one. */
  constructor(changed, kept) {
    this.changed = changed;
    this.kept = kept;
    byId('trained-try').onclick = () => {
      location.hash = '#read';
      this.#choose('trained');
    };
    byId('trained-keep').onclick = () => this.#tried(() => this.#keep());
    byId('trained-save').onclick = () => this.#tried(async () => save(await download('v1/training/model'), `scrawl-${this.#network.name}.safetensors`));
    watchers.push((job) => {
      const state = job.kind === 'training' ? `${job.history.length} ${job.running}` : this.#state;
      if (state !== this.#state) this.refresh();
      this.#state = state;
    });
    onLanguage(() => this.#redraw());
  }

  async #tried(action) {
    try { await action(); } catch (error) { if (!(error instanceof Gone)) showToast(errorText(error)); }
  }

  /** Asks whether there is such a network. */
  async refresh() {
    const before = JSON.stringify(this.#network);
    try { ({ network: this.#network } = await ask('GET', 'v1/training')); } catch { this.#network = null; }
    if (JSON.stringify(this.#network) === before) return;
    if (!this.#network) this.chosen = 'current';
    this.#redraw();
    this.changed();
  }

  /** The reading that is to be shown of what was read. */
  async reread(answer) {
    this.#own = this.#its = answer;
    if (!this.#network) return answer;
    try { this.#its = await readAgain(answer); } catch { return answer; /* a newer one is trained, or the server is gone */ }
    this.#redraw();
    return this.chosen === 'trained' ? this.#its : answer;
  }

  forget() {
    this.#own = this.#its = null;
    this.#redraw();
  }

  #choose(which) {
    this.chosen = which;
    this.#redraw();
    this.changed();
  }

  async #keep() {
    await send('v1/training/keep');
    this.kept();
    tellTabs('model');
    showToast(translate('trained_kept', this.#network), () => this.#tried(async () => {
      await send('v1/model/undo');
      this.kept();
      tellTabs('model');
      showToast(translate('gone_back'));
    }));
  }

  #redraw() {
    const network = this.#network;
    byId('trained').hidden = byId('networks').hidden = !network;
    if (!network) return;
    byId('trained-name').textContent = translate('trained_name', network);
    byId('trained-about').textContent = translate(network.test_accuracy === null ? 'trained_so_far' : 'trained_result', {
      ...network, test: percent(network.test_accuracy ?? 0, 2), validation: percent(network.validation_accuracy, 2) });
    byId('networks').replaceChildren(...[['current', translate('network_current'), this.#own], ['trained', network.name, this.#its]].map(([which, name, answer]) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.setAttribute('role', 'radio');
      button.setAttribute('aria-checked', String(this.chosen === which));
      button.append(Object.assign(document.createElement('small'), { textContent: name }), Object.assign(document.createElement('b'), { textContent: answer?.text.replaceAll('\n', ' / ') ?? '' }));
      button.onclick = () => this.#choose(which);
      return button;
    }));
  }
}
