// The page without a server in Firefox ($PAGE, one file from the disk): a digit that is drawn is read. Exit code 77, skipped,
// where Firefox is missing. It is driven by Marionette, what Firefox itself listens to.
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

const patience = 60000;  // ms for whatever is waited for: slow machines are no failure
const file = path.join(process.env.PAGE, 'scrawl.html');
const program = ['firefox-esr', 'firefox'].find((name) => spawnSync(name, ['--version']).status === 0);
if (!program || !fs.existsSync(file)) {
  console.log(`skipped: ${program ? 'the page is not built' : 'no Firefox here'}`);
  process.exit(77);
}

/** What `look` gives, once it gives anything. */
async function wait(look, what) {
  for (const end = Date.now() + patience; Date.now() < end;) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
  throw new Error(`waited in vain for ${what}`);
}

/** Messages are [0, id, command, parameters] there and [1, id, error, result] back, as JSON, their length in bytes before them. */
class Marionette {
  #left = Buffer.alloc(0);
  #waiting = new Map();  // id -> {resolve, reject}
  #last = 0;  // id

  constructor(port) {
    this.socket = net.connect(port, '127.0.0.1');
    this.socket.on('data', (data) => this.#take(data));
    const fail = (error) => { for (const { reject } of this.#waiting.values()) reject(error ?? new Error('Firefox has ended')); };
    this.socket.on('error', fail).on('close', () => fail());
  }

  #take(data) {
    this.#left = Buffer.concat([this.#left, data]);
    for (;;) {
      const colon = this.#left.indexOf(':'), end = colon + 1 + Number(this.#left.subarray(0, colon));
      if (colon < 0 || this.#left.length < end) return;
      const message = JSON.parse(this.#left.subarray(colon + 1, end));
      this.#left = this.#left.subarray(end);
      if (!Array.isArray(message)) continue;  // its greeting
      const [, id, error, result] = message, { resolve, reject } = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) reject(new Error(`${error.error}: ${error.message}`));
      else resolve(result);
    }
  }

  send(command, parameters = {}) {
    return new Promise((resolve, reject) => {
      this.#waiting.set(++this.#last, { resolve, reject });
      const text = JSON.stringify([0, this.#last, `WebDriver:${command}`, parameters]);
      this.socket.write(`${Buffer.byteLength(text)}:${text}`);
    });
  }

  async run(script) { return (await this.send('ExecuteScript', { script: `return ${script};`, args: [] })).value; }
}

/** A 7, by the mouse. */
async function drawSeven(firefox) {
  const { x, y, width, height } = await firefox.run("document.getElementById('canvas').getBoundingClientRect().toJSON()");
  const points = [[.42, .26], [.5, .25], [.58, .25], [.54, .4], [.51, .56], [.49, .75]];
  const moves = points.map(([px, py]) => ({ type: 'pointerMove', duration: 30, x: Math.round(x + px * width), y: Math.round(y + py * height) }));
  const actions = [moves[0], { type: 'pointerDown', button: 0 }, ...moves.slice(1), { type: 'pointerUp', button: 0 }];
  await firefox.send('PerformActions', { actions: [{ type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' }, actions }] });
}

async function test(profile) {
  const port = await wait(() => Number(fs.existsSync(path.join(profile, 'MarionetteActivePort')) && fs.readFileSync(path.join(profile, 'MarionetteActivePort'), 'utf8')), 'Firefox');
  const firefox = new Marionette(port);
  await firefox.send('NewSession');
  await firefox.send('SetWindowRect', { width: 1280, height: 800 });
  await firefox.send('Navigate', { url: pathToFileURL(file).href });
  await drawSeven(firefox);
  await wait(async () => await firefox.run("document.getElementById('spoken').textContent") === 'It reads 7.', 'the reading of a 7');
  const bars = await firefox.run("document.querySelectorAll('.digit .bar').length");
  if (bars !== 10) throw new Error(`${bars} bars, expected 10`);
  console.log(`from the pen to the painted answer: ${await firefox.run('document.body.dataset.took')} ms`);
  fs.mkdirSync(process.env.SCREENSHOTS, { recursive: true });
  fs.writeFileSync(path.join(process.env.SCREENSHOTS, 'firefox.png'), Buffer.from((await firefox.send('TakeScreenshot', { full: false })).value, 'base64'));
}

async function main() {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'scrawl-firefox-'));
  fs.writeFileSync(path.join(profile, 'user.js'), 'user_pref("marionette.port", 0);\nuser_pref("intl.accept_languages", "en-US");\n');
  const firefox = spawn(program, ['--headless', '--marionette', '--no-remote', '--profile', profile], { stdio: 'ignore' });
  const ended = new Promise((resolve) => { firefox.once('exit', resolve); });
  try {
    await test(profile);
    console.log('passed: a digit is read in Firefox');
  } catch (error) {
    console.log(`FAILED: a digit is read in Firefox\n${error.stack}`);
    process.exitCode = 1;
  } finally {
    firefox.kill();
    await ended;
    fs.rmSync(profile, { recursive: true, force: true });
  }
  process.exit();
}

main();
