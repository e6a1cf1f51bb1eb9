// Reads what the camera sees as it moves: frame by frame, each as soon as the one before is read, laid over the video.
import { readFrame } from './server.js';

const longest_frame = 640;  // pixels: enough for what a camera is held at, and what is sent is small

/** A promise of the video's next frame. */
const nextFrame = (video) => new Promise((resolve) => {
  if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(resolve);
  else requestAnimationFrame(resolve);
});

function drawBoxes(overlay, { digits }, { width, height }) {
  overlay.width = width;
  overlay.height = height;
  const context = overlay.getContext('2d');
  const { color, accentColor } = getComputedStyle(overlay);
  const size = Math.max(16, Math.round(height / 20));
  context.font = `600 ${size}px system-ui, sans-serif`;
  context.lineWidth = 3;
  for (const { digit, confidence, box: { x, y, width: w, height: h } } of digits) {
    context.globalAlpha = 0.4 + 0.6 * confidence;
    context.strokeStyle = context.fillStyle = accentColor;
    context.strokeRect(x - 4, y - 4, w + 8, h + 8);
    context.fillRect(x - 5, y - size - 10, size + 6, size + 6);
    context.fillStyle = color;
    context.fillText(digit, x + 2, y - 9);
  }
}

/**
 * Reads `video` until `ended()`, and shows each reading over it and in `words`. The frames a second, smoothed, stand in
 * words.dataset.rate.
 */
export async function readLive(video, overlay, words, ended) {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d', { willReadFrequently: true, alpha: false });
  let rate = 0, before = 0;
  while (!ended()) {
    await nextFrame(video);
    if (ended() || !video.videoWidth) continue;
    const scale = Math.min(1, longest_frame / Math.max(video.videoWidth, video.videoHeight));
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    let answer;
    try { answer = await readFrame(canvas); } catch { continue; /* the next one may be read */ }
    if (ended()) return;
    drawBoxes(overlay, answer, canvas);
    words.textContent = answer.text;
    const now = performance.now();
    if (before) rate = rate ? 0.8 * rate + 0.2 * 1000 / (now - before) : 1000 / (now - before);
    before = now;
    words.dataset.rate = rate.toFixed(1);
  }
}
