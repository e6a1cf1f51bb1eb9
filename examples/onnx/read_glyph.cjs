// Reads glyphs with an exported model: the digit of a 28x28 PGM picture, or of each image of an IDX file, white on black.
//
//   scrawl export --onnx -o digits.onnx
//   npm install --ignore-scripts onnxruntime-node
//   node read_glyph.cjs digits.onnx 7.pgm
const fs = require('fs');
const ort = require('onnxruntime-node');

const side = 28;
const pixels = side * side;
const calls = 256;  // glyphs in one call

/** The bytes of all glyphs in a file: (count, 28, 28). */
function loadGlyphs(file) {
  const bytes = fs.readFileSync(file);
  if (bytes.subarray(0, 2).toString() === 'P5') return loadPgm(bytes, file);
  if (bytes.length >= 16 && bytes.readUInt32BE(0) === 0x803) return loadIdx(bytes, file);
  throw new Error(`${file}: neither a binary PGM (P5) nor an IDX file of images`);
}

function loadPgm(bytes, file) {
  const [header, width, height, most] =
      /^P5\s+(?:#.*\n\s*)*(\d+)\s+(?:#.*\n\s*)*(\d+)\s+(?:#.*\n\s*)*(\d+)\s/.exec(bytes.toString('latin1')) ?? [];
  if (Number(width) !== side || Number(height) !== side || Number(most) !== 255) {
    throw new Error(`${file}: expected a PGM of 28x28 pixels up to 255`);
  }
  return whole(bytes.subarray(header.length), 1, file);
}

function loadIdx(bytes, file) {
  const [count, height, width] = [4, 8, 12].map((at) => bytes.readUInt32BE(at));
  if (height !== side || width !== side) throw new Error(`${file}: images of ${width}x${height}, where 28x28 are expected`);
  return whole(bytes.subarray(16), count, file);
}

function whole(glyphs, count, file) {
  if (glyphs.length !== count * pixels) throw new Error(`${file}: ${glyphs.length} bytes of pixels, where ${count * pixels} are expected`);
  return glyphs;
}

async function main([model, file]) {
  if (!file) throw new Error('usage: node read_glyph.cjs MODEL.onnx GLYPHS.pgm|GLYPHS-idx3-ubyte');
  const glyphs = loadGlyphs(file);
  const session = await ort.InferenceSession.create(model);
  for (let at = 0; at < glyphs.length; at += calls * pixels) {
    const part = glyphs.subarray(at, at + calls * pixels);
    const {probabilities} = await session.run({glyphs: new ort.Tensor('uint8', part, [part.length / pixels, side, side])});
    for (let row = 0; row < probabilities.data.length; row += 10) {
      const ten = Array.from(probabilities.data.subarray(row, row + 10));
      const confidence = Math.max(...ten);
      console.log(`${ten.indexOf(confidence)} (${confidence.toFixed(4)})`);
    }
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  process.exit(1);
});
