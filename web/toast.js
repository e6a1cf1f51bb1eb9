// A short word at the bottom of the page, perhaps with a way back.
const toast = document.getElementById('toast');
const [text, button] = toast.children;
let hide = 0;

/** Says `words`; with `undo`, offers to call it. */
export function showToast(words, undo = null) {
  clearTimeout(hide);
  text.textContent = words;
  button.hidden = !undo;
  button.onclick = () => {
    toast.hidden = true;
    undo();
  };
  // A modal dialog makes all outside it deaf: then the word belongs inside.
  ([...document.querySelectorAll('dialog[open]')].at(-1) ?? document.body).append(toast);
  toast.hidden = false;
  hide = setTimeout(() => { toast.hidden = true; }, undo ? 9000 : 5000);
}

document.addEventListener('close', (event) => { if (event.target.contains(toast)) document.body.append(toast); }, true);
