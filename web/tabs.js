// Tells the other tabs of this page what has changed on the server, so that all show the same.
const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('scrawl');

/** `what`: 'collection', 'model' or 'job'. */
export function tellTabs(what) {
  channel?.postMessage(what);
}

/** `listener(what)` when another tab has told. */
export function onOtherTabs(listener) {
  channel?.addEventListener('message', ({ data }) => listener(data));
}
