// What onnxruntime-web makes of glyphs in Chromium: node onnx_web.cjs CHROMIUM MODEL.onnx GLYPHS ANSWERS
// The files are as those of onnx_node.cjs. Page, model and onnxruntime come from a server that runs here and nowhere else.
const fs = require('fs');
const http = require('http');
const path = require('path');
const {chromium} = require('playwright-core');

const [browserFile, model, glyphFile, answerFile] = process.argv.slice(2);
const runtime = path.dirname(require.resolve('onnxruntime-web'));
const types = {'.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm'};

function serve(request, response) {
  const name = new URL(request.url, 'http://localhost').pathname;
  const type = types[path.extname(name)] ?? 'application/octet-stream';
  const files = {'/model.onnx': model, '/glyphs': glyphFile};
  const file = files[name] ?? (name.startsWith('/ort') ? path.join(runtime, path.basename(name)) : undefined);
  if (name === '/page.html') {
    response.writeHead(200, {'Content-Type': type}).end('<script src="/ort.wasm.min.js"></script>');
  } else if (file && fs.existsSync(file)) {
    response.writeHead(200, {'Content-Type': type}).end(fs.readFileSync(file));
  } else {
    response.writeHead(404).end();
  }
}

/** Runs in the page. */
async function answer() {
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create('/model.onnx', {executionProviders: ['wasm']});
  const glyphs = new Uint8Array(await (await fetch('/glyphs')).arrayBuffer());
  const count = glyphs.length / 784;
  const {logits, probabilities} = await session.run({glyphs: new ort.Tensor('uint8', glyphs, [count, 28, 28])});
  const rows = Array.from({length: count}, (_, row) => [logits, probabilities].map((ten) => Array.from(ten.data.subarray(row * 10, row * 10 + 10))));
  return rows.flat(2);
}

async function main() {
  const server = http.createServer(serve);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = await chromium.launch({executablePath: browserFile, args: ['--no-sandbox']});
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/page.html`);
    const answers = Float32Array.from(await page.evaluate(answer));
    fs.writeFileSync(answerFile, Buffer.from(answers.buffer));
  } finally {
    await browser.close();
    server.close();
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
