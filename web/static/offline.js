// A service worker: keeps the page's files, so that it opens without a network and at once. scripts/build-page fills in what they are.
const version = 'VERSION';  // another one for each content
const files = ['FILES'];

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(version).then((cache) => cache.addAll(files.map((file) => new Request(file, { cache: 'reload' })))).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter((name) => name !== version).map((name) => caches.delete(name)))).then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
  if (event.request.method !== 'GET' || new URL(event.request.url).origin !== self.location.origin) return;
  event.respondWith(caches.open(version).then(async (cache) => await cache.match(event.request, { ignoreSearch: true }) ?? fetch(event.request)));
});
