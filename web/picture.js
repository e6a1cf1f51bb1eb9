// Pictures from outside: dropped, pasted, chosen, or taken with the camera.
import { translate } from './words.js';

/** A file as the sheet shows it. Some (HEIC, TIFF) the browser cannot show, but the server can read. */
export async function openPicture(file) {
  let bitmap = null;
  try { bitmap = await createImageBitmap(file); } catch { /* shown as boxes alone */ }
  return { file, bitmap, name: file.name ?? '', width: bitmap?.width ?? 1000, height: bitmap?.height ?? 700 };
}

function fileOf(transfer) {
  return [...transfer?.files ?? []].find((file) => file.type.startsWith('image/') || /\.(hei[cf]|avif|tiff?|p[bgpn]m)$/i.test(file.name)) ?? transfer?.files?.[0];
}

/** `got(file)` for each picture that arrives; `said(text)` when none does. */
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
    const file = fileOf(event.dataTransfer);
    if (file) got(file);
  });
  window.addEventListener('paste', (event) => {
    const file = fileOf(event.clipboardData);
    if (file) got(file);
  });
  for (const [button, input] of [['choose', 'file'], ['photograph', 'capture']]) {
    const files = document.getElementById(input);
    files.addEventListener('change', () => {
      if (files.files[0]) got(files.files[0]);
      files.value = '';  // so that the same file can be chosen again
    });
    document.getElementById(button).addEventListener('click', () => (button === 'photograph' && canFilm() ? film(got, said) : files.click()));
  }
}

/** Phones have a better camera behind <input capture>, and no getUserMedia on plain http. */
function canFilm() {
  return Boolean(navigator.mediaDevices?.getUserMedia) && !matchMedia('(pointer: coarse)').matches;
}

async function film(got, said) {
  const dialog = document.getElementById('camera');
  const [video, take, cancel] = dialog.querySelectorAll('video, button');
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
      if (blob) got(new File([blob], '', { type: blob.type }));
      dialog.close();
    }, 'image/jpeg', 0.92);
  };
  dialog.showModal();
}
