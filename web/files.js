// Where the files are that the page does not import. static/files.js and scripts/build-page have others.
export const thinker = new URL('think_worker.js', import.meta.url).href;
