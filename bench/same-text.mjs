// Whether the page without a server reads what `scrawl read` reads: the pictures whose texts differ, and by how much the
// confidences of the others do. Both look at pictures as they lie (--turn 0), as the page does.
// usage: node bench/same-text.mjs CORE_PREPARE SCRAWL [DIST [FOLDER]...]   (scripts/build-page makes DIST; FOLDER, with those in it, holds
// pictures, those of examples/ where none is given; the first two are build/release/core_prepare and build/release/scrawl)
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { decoded, rgba } from '../tests/node/pictures.mjs';
import { Recognizer } from '../web/static/recognizer.js';

const root = new URL('..', import.meta.url).pathname;
const [prepare, scrawl, dist = join(root, 'dist'), ...given] = process.argv.slice(2);
const folders = (given.length ? given : [join(root, 'examples/pictures')]).filter((folder) => existsSync(folder) || console.log(`skipped: no ${folder} here`));
const packed = (name) => gunzipSync(readFileSync(join(dist, `${name}.gz`)));
const recognizer = await Recognizer.load(packed('scrawl.wasm'), packed('digits.safetensors'), packed('pages.safetensors'));

/** What the program reads in each of the files; nothing where it finds no digit. */
function readByProgram(files) {
  let lines;
  try {
    lines = execFileSync(scrawl, ['read', '--json', '--quiet', '--turn', '0', ...files], { encoding: 'utf8', maxBuffer: 1e9, stdio: ['ignore', 'pipe', 'ignore'] });
  } catch (error) {
    if (error.status !== 1) throw error;  // 1: no digits in some
    lines = error.stdout;
  }
  const answers = new Map(lines.trim().split('\n').filter(Boolean).map(JSON.parse).map((answer) => [answer.file, answer]));
  return files.map((file) => ({ text: '', digits: [], ...answers.get(file) }));
}

const shown = ({ text, digits }) => `'${text.replaceAll('\n', '\\n')}'${digits.length ? ` (least ${Math.min(...digits.map(({ confidence }) => confidence)).toFixed(2)})` : ''}`;

let pictures = 0, differing = 0, largest = { by: 0, file: 'none' };
for (const folder of folders) {
  const files = readdirSync(folder, { recursive: true }).filter((name) => /\.(png|jpe?g)$/i.test(name)).sort().map((name) => join(folder, name));
  for (let begin = 0; begin < files.length; begin += 20) {
    const some = files.slice(begin, begin + 20), program = readByProgram(some);
    decoded(prepare, some).forEach((picture, i) => {
      const page = recognizer.read(rgba(picture)), other = program[i];
      ++pictures;
      if (page.text !== other.text) {
        ++differing;
        return console.log(`${basename(folder)}, ${some[i].slice(folder.length + 1)}: the program ${shown(other)}, the page ${shown(page)}`);
      }
      page.digits.forEach(({ confidence }, digit) => {
        const by = Math.abs(confidence - other.digits[digit].confidence);
        if (by > largest.by) largest = { by, file: some[i] };
      });
    });
  }
}
console.log(`${pictures} pictures, ${differing} with another text; of the others confidences differ by ${largest.by.toFixed(3)} at most (${basename(largest.file)})`);
