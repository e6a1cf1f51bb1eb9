// What this browser keeps (IndexedDB): corrections ({glyph, digit, id}), and the model that has learned from them.
let opened = null;

/** What a request gives. */
export const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

function database() {
  opened ??= (() => {
    const request = indexedDB.open('scrawl', 2);
    request.onupgradeneeded = ({ oldVersion: before }) => {
      if (before < 1) request.result.createObjectStore('corrections', { keyPath: 'glyph' });
      if (before < 2) request.result.createObjectStore('models');
    };
    const blocked = new Promise((_, reject) => {
      request.onblocked = () => reject(new Error('another tab holds what this browser keeps: close it, and reload this one'));
    });
    return Promise.race([done(request), blocked]).then((base) => {
      base.onversionchange = () => base.close();  // another tab has a newer page
      return base;
    });
  })();
  opened.catch(() => { opened = null; });
  return opened;
}

/** A store, for a moment: 'corrections' or 'models', 'readonly' or 'readwrite'. */
export const storeOf = async (name, mode) => (await database()).transaction(name, mode).objectStore(name);
