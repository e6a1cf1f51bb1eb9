// What onnxruntime-node makes of glyphs: node onnx_node.cjs MODEL.onnx GLYPHS ANSWERS
// GLYPHS: (count, 28, 28) bytes; ANSWERS: (count, 20) float32, each ten logits and ten probabilities.
const fs = require('fs');
const ort = require('onnxruntime-node');

const [model, glyphFile, answerFile] = process.argv.slice(2);
const pixels = 28 * 28;

async function main() {
  const session = await ort.InferenceSession.create(model, {intraOpNumThreads: 1});
  const glyphs = fs.readFileSync(glyphFile);
  const count = glyphs.length / pixels;
  const answers = new Float32Array(count * 20);
  const calls = 500;
  for (let at = 0; at < count; at += calls) {
    const part = glyphs.subarray(at * pixels, (at + calls) * pixels);
    const rows = part.length / pixels;
    const {logits, probabilities} = await session.run({glyphs: new ort.Tensor('uint8', part, [rows, 28, 28])});
    for (let row = 0; row < rows; ++row) {
      answers.set(logits.data.subarray(row * 10, row * 10 + 10), (at + row) * 20);
      answers.set(probabilities.data.subarray(row * 10, row * 10 + 10), (at + row) * 20 + 10);
    }
  }
  fs.writeFileSync(answerFile, Buffer.from(answers.buffer));
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
