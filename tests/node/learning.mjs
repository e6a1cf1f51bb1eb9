// Learning a hand in the browser (web/static/last_layer.js): five odd digits are learned, others are not forgotten; the guard.
// usage: node learning.mjs
import assert from 'node:assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Network } from '../../web/network.js';
import { drawDigits, randomOf, write } from '../../web/static/drawn_digits.js';
import { decide, learnLastLayer } from '../../web/static/last_layer.js';
import { formatSafetensors, parseSafetensors } from '../../web/static/safetensors.js';

const root = new URL('../..', import.meta.url).pathname;
const content = parseSafetensors(readFileSync(join(root, 'models/default.safetensors')));
const network = new Network(content);
const fewer = { replayed: 150, scribbles: 20, held_out: 50, variants: 5 };  // to be quick

/** A network with a change of its last layer. */
function changed(change) {
  const { metadata, tensors, shapes } = parseSafetensors(formatSafetensors(content));
  tensors.set('fc1.weight', tensors.get('fc1.weight').map((value, i) => value + change[i]));
  return new Network(parseSafetensors(formatSafetensors({ metadata, tensors, shapes })));
}

function accuracy(of, examples) {
  return examples.filter(({ glyph, digit }) => {
    const { length, [length - 1]: logits } = of.values(glyph);
    return logits.indexOf(Math.max(...logits)) === digit;
  }).length / examples.length;
}

const random = randomOf(5);
const mirrored = Array.from({ length: 25 }, () => ({ glyph: write(['33 0 33 0 100 63 100 63 0 63 0 63', '33 0 33 0 33 100 33 100'], random), digit: 4 }));  // fours

test('what it draws is read', () => assert(accuracy(network, drawDigits(30, 9)) > .95));

test('five mirrored fours teach it others; digits in other hands are read as before', async () => {
  const others = mirrored.slice(5), strangers = drawDigits(30, 10), before = accuracy(network, others);
  let told = 0;
  const result = await learnLastLayer(network, mirrored.slice(0, 5), (progress) => { assert(progress >= told && progress <= 1); told = progress; }, fewer);
  assert.equal(told, 1);
  const after = changed(result.change);
  console.log(`mirrored fours: ${before} before, ${accuracy(after, others)} after; other hands ${accuracy(network, strangers)}, ${accuracy(after, strangers)}`);
  assert(before < .3, `${before} of them were read before`);
  assert(accuracy(after, others) > .8, `${accuracy(after, others)} of them are read after`);
  assert(accuracy(after, strangers) >= accuracy(network, strangers) - .02);
  assert.deepEqual([result.kept, result.reason_code, result.after.collection], [true, 'better_drawn', 1]);
});

test('what would make it forget is taken by half, or not at all', () => {
  const decided = (collection, drawn) => {
    const at = (values) => (share) => values[2 * share];  // for none of the change, half of it, all of it
    const { kept, reason_code, change } = decide((share) => ({ collection: at(collection)(share), drawn: at(drawn)(share) }), at(collection), [8]);
    return [kept, reason_code, ...change];
  };
  assert.deepEqual(decided([0, .4, .8], [.99, .99, .987]), [true, 'better_drawn', 8]);
  assert.deepEqual(decided([0, .4, .8], [.99, .988, .98]), [true, 'better_drawn', 4]);
  assert.deepEqual(decided([0, .4, .8], [.99, .98, .97]), [false, 'forgets_drawn', 8]);
  assert.deepEqual(decided([.8, .8, .8], [.99, .99, .99]), [false, 'no_better', 8]);
});

test('it can be stopped', async () => assert.equal(await learnLastLayer(network, mirrored.slice(0, 1), (progress) => progress < .1, fewer), null));
