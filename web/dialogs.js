// What all dialogs do: close by their button and by a tap beside them.
for (const dialog of document.querySelectorAll('dialog')) {
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();  // its children fill it: this is the backdrop
  });
  dialog.querySelector('.close')?.addEventListener('click', () => dialog.close());
}

/** Opens a dialog beside an element, wherever there is room. */
export function openBeside(dialog, element) {
  dialog.showModal();
  const beside = element.getBoundingClientRect();
  const { width, height } = dialog.getBoundingClientRect();
  const within = (value, most) => Math.max(8, Math.min(value, most - 8));
  const below = beside.bottom + 8 + height <= window.innerHeight;
  dialog.style.left = `${within(beside.left + beside.width / 2 - width / 2, window.innerWidth - width)}px`;
  dialog.style.top = `${within(below ? beside.bottom + 8 : beside.top - height - 8, window.innerHeight - height)}px`;
}
