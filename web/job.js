// The one thing at a time that takes the server seconds: learning or training. Watched while it runs.
import { ask, Gone } from './server.js';

export const watchers = [];  // called with each state of the job as GET /v1/job gives it
let watching = false;

/** Looks at the job until it does not run (any more), some 5 times a second. */
export async function watchJob() {
  if (watching) return;
  watching = true;
  try {
    for (;;) {
      const job = await ask('GET', 'v1/job');
      for (const watcher of watchers) watcher(job);
      if (!job.running) break;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  } catch (error) {
    if (!(error instanceof Gone || error.status)) throw error;
  } finally {
    watching = false;
  }
}

export const stopJob = () => ask('DELETE', 'v1/job');
