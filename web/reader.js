// Has what is newest read, one at a time: whatever came meanwhile is read next, what was overtaken never.
import { readPicture } from './server.js';

export class Reader {
  #next = null;
  #busy = false;

  constructor(show, fail) {
    this.show = show;
    this.fail = fail;
  }

  /** `picture()` gives a file, or a canvas of which each pixel counts; `about` comes back with the answer. */
  read(picture, about) {
    this.#next = { picture, about };
    if (!this.#busy) this.#run();
  }

  forget() {
    this.#next = null;
  }

  async #run() {
    this.#busy = true;
    while (this.#next) {
      const { picture, about } = this.#next;
      this.#next = null;
      try {
        this.show(await readPicture(picture(), about.picture?.upright), about);
      } catch (error) {
        this.fail(error, about);
      }
    }
    this.#busy = false;
  }
}
