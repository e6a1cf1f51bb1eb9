// Times onnxruntime-node on an ONNX network; started by bench/inference.
// node inference.cjs MODEL.onnx BATCH THREADS SECONDS CHUNK -> the median seconds of a batch, in calls of CHUNK images
// node inference.cjs MODEL.onnx --logits GLYPHS.f32 COUNT -> logits, as JSON
const fs = require('fs');
const ort = require('onnxruntime-node');

const [model, batch, threads, seconds, chunk] = process.argv.slice(2);
const pixels = 28 * 28;

async function open(threadCount) {
  return ort.InferenceSession.create(model, {
    intraOpNumThreads: threadCount,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
  });
}

async function logits(file, count) {
  const session = await open(1);
  const bytes = fs.readFileSync(file);
  const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const result = await session.run({glyphs: new ort.Tensor('float32', values, [count, 1, 28, 28])});
  console.log(JSON.stringify(Array.from(result.logits.data)));
}

async function time() {
  const session = await open(Number(threads));
  const count = Number(chunk);
  const calls = Number(batch) / count;
  const values = Float32Array.from({length: count * pixels}, (_, i) => (i % 5 ? -0.42 : 2.8));
  const feeds = {glyphs: new ort.Tensor('float32', values, [count, 1, 28, 28])};
  for (let i = 0; i < 5 * calls; i++) await session.run(feeds);
  const times = [];
  for (let total = 0; total < Number(seconds); total += times[times.length - 1]) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < calls; i++) await session.run(feeds);
    times.push(Number(process.hrtime.bigint() - start) / 1e9);
  }
  times.sort((a, b) => a - b);
  console.log(times[times.length >> 1]);
}

(batch === '--logits' ? logits(threads, Number(seconds)) : time()).catch((error) => {
  console.error(error.message);
  process.exit(1);
});
