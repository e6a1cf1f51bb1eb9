// Where the files are that a worker needs: beside this one. (In the page of one file they are inside it.)
const beside = (name) => new URL(name, import.meta.url).href;

export const worker = beside('worker.js');
export const learner = beside('learn_worker.js');
export const thinker = beside('think_worker.js');
export const wasm = beside('scrawl.wasm.gz');
export const digits = beside('digits.safetensors.gz');
export const pages = beside('pages.safetensors.gz');
export const inside = false;
