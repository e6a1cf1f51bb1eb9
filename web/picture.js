// Pictures from outside: dropped, pasted, chosen, or taken with the camera.
import { readLive } from './live.js';
import { translate } from './words.js';

/** A file as the sheet shows it. Some (HEIC, TIFF) the browser cannot show, but the server can read. */
export async function openPicture(file) {
  let bitmap = null;
  try { bitmap = await createImageBitmap(file); } catch { /* shown as boxes alone */ }
  return { file, bitmap, upright: false, name: file.name ?? '', width: bitmap?.width ?? 1000, height: bitmap?.height ?? 700 };
}

/** The same picture turned clockwise by 90 degrees. */
export async function turnedPicture({ bitmap, name }) {
  const canvas = document.createElement('canvas');
  canvas.width = bitmap.height;
  canvas.height = bitmap.width;
  const context = canvas.getContext('2d', { alpha: false });
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.setTransform(0, 1, -1, 0, canvas.width, 0);
  context.drawImage(bitmap, 0, 0);
  const small = canvas.width * canvas.height < 2e6;
  const file = await new Promise((resolve) => { canvas.toBlob(resolve, small ? 'image/png' : 'image/jpeg', 0.95); });
  return { ...await openPicture(file), name, upright: true };
}

/** The pictures among files, as far as can be told without opening them; all where none seems to be one. */
function picturesOf(transfer) {
  const files = [...transfer?.files ?? []];
  const pictures = files.filter((file) => file.type.startsWith('image/') || /\.(hei[cf]|avif|tiff?|p[bgpn]m|pdf)$/i.test(file.name));
  return pictures.length ? pictures : files;
}

/** `got(files)` when pictures arrive; `said(text)` when none does. */
export function takePictures(sheet, got, said) {
  const carriesFiles = (event) => [...event.dataTransfer?.types ?? []].includes('Files');
  const veil = (event, on) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    sheet.classList.toggle('over', on);
  };
  window.addEventListener('dragover', (event) => veil(event, true));
  window.addEventListener('dragleave', (event) => { if (!event.relatedTarget) veil(event, false); });
  window.addEventListener('drop', (event) => {
    veil(event, false);
    if (!event.target.closest?.('input, textarea')) event.preventDefault();  // a link would take the place of the page
    const files = picturesOf(event.dataTransfer);
    if (files.length) got(files);
  });
  window.addEventListener('paste', (event) => {
    const files = picturesOf(event.clipboardData);
    if (files.length) got(files);
  });
  for (const [button, input] of [['choose', 'file'], ['photograph', 'capture']]) {
    const files = document.getElementById(input);
    files.addEventListener('change', () => {
      if (files.files.length) got([...files.files]);
      files.value = '';  // so that the same file can be chosen again
    });
    document.getElementById(button).addEventListener('click', () => (button === 'photograph' && canFilm() ? film(got, said) : files.click()));
  }
}

/** There is no getUserMedia on plain http, but for this computer's own. */
function canFilm() {
  return Boolean(navigator.mediaDevices?.getUserMedia);
}

async function film(got, said) {
  const dialog = document.getElementById('camera');
  const [video, take, cancel] = dialog.querySelectorAll('video, button');
  const overlay = document.getElementById('live-boxes'), words = document.getElementById('live-reading');
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment', width: { ideal: 1920 } } });
  } catch (error) {
    return said(translate('no_camera', { error: error.message }));
  }
  video.srcObject = stream;
  dialog.onclose = () => stream.getTracks().forEach((track) => track.stop());
  cancel.onclick = () => dialog.close();
  take.onclick = () => {
    const canvas = document.createElement('canvas');
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext('2d').drawImage(video, 0, 0);
    canvas.toBlob((blob) => {
      if (blob) got([new File([blob], '', { type: blob.type })]);
      dialog.close();
    }, 'image/jpeg', 0.92);
  };
  overlay.width = 0;
  words.textContent = '';
  dialog.showModal();
  readLive(video, overlay, words, () => !dialog.open || video.srcObject !== stream);
}
