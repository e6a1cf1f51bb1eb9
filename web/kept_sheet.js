// The drawing, kept while the tab is open, so that it is there after a reload.
import { strokesOfText, textOfStrokes } from './ink_link.js';

const key = 'scrawl.sheet';

export function keepStrokes(strokes) {
  try {
    if (strokes.length) sessionStorage.setItem(key, textOfStrokes(strokes));
    else sessionStorage.removeItem(key);
  } catch { /* then it is not kept */ }
}

/** null where there are none. */
export function keptStrokes() {
  try { return strokesOfText(sessionStorage.getItem(key) ?? ''); } catch { return null; }
}
