// Has what is newest read. While the pen draws, one at a time: whatever came meanwhile is read next, what was overtaken never.
// What it has left on the paper does not wait for the one before, whose answer may come later, and is then too old.
import { readPicture } from './server.js';

export class Reader {
  #next = null;
  #running = 0;

  constructor(show, fail) {
    this.show = show;
    this.fail = fail;
  }

  /**
   * `picture()` gives a file, or a canvas of which each pixel counts; `about` comes back with the answer. `about.drawing`: the pen is
   * on the paper.
   */
  read(picture, about) {
    this.#next = { picture, about };
    if (this.#running < (about.drawing ? 1 : 2)) this.#run();
  }

  forget() {
    this.#next = null;
  }

  async #run() {
    ++this.#running;
    while (this.#next) {
      const { picture, about } = this.#next;
      this.#next = null;
      try {
        this.show(await readPicture(picture(), about.picture?.upright), about);
      } catch (error) {
        this.fail(error, about);
      }
    }
    --this.#running;
  }
}
