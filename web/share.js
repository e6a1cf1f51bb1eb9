// The menu behind the number: copy it, copy a link that carries the drawing, save both as files.
import { openBeside } from './dialogs.js';
import { textOfStrokes } from './ink_link.js';
import { csvOf, jsonOf, pngOf, save, svgOf } from './save.js';
import { showToast } from './toast.js';
import { translate } from './words.js';

const byId = (id) => document.getElementById(id);

/** To the clipboard; by the old way where a page that is not from this computer may not use the new one. */
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = Object.assign(document.createElement('textarea'), { value: text });
  document.body.append(field);
  field.select();
  const copied = document.execCommand('copy');
  field.remove();
  if (!copied) throw new Error(text);
}

export class Share {
  /** `current()` gives {strokes, answer, corrections}; strokes are empty where a picture is shown. */
  constructor(current) {
    this.current = current;
    this.dialog = byId('share-menu');
    byId('share').onclick = () => {
      for (const button of this.dialog.querySelectorAll('[data-of=drawing]')) button.hidden = current().strokes.length === 0;
      openBeside(this.dialog, byId('share'));
    };
    byId('copy').onclick = () => this.copyNumber();
    for (const button of this.dialog.querySelectorAll('button')) {
      button.onclick = () => {
        this.dialog.close();
        this.#tried(() => this.#do(button.value));
      };
    }
  }

  copyNumber() {
    return this.#tried(() => this.#do('copy'));
  }

  async #tried(action) {
    try { await action(); } catch (error) { showToast(translate('failed', { error: error.message })); }
  }

  async #do(what) {
    const { strokes, answer, corrections } = this.current();
    const text = byId('reading').textContent, name = `scrawl-${text.replace(/\s+/g, '-').slice(0, 40)}`;
    if (what === 'copy') {
      await copy(text);
      showToast(translate('copied', { text: text.replaceAll('\n', ', ') }));
    } else if (what === 'link') {
      await copy(`${location.href.split('#')[0]}#ink=${textOfStrokes(strokes)}`);
      showToast(translate('link_copied'));
    } else {
      const blob = await { png: () => pngOf(strokes), svg: () => svgOf(strokes), csv: () => csvOf(answer, corrections), json: () => jsonOf(answer, corrections) }[what]();
      save(blob, `${name}.${what}`);
    }
  }
}
