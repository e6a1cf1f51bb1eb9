// What the browser keeps for the next visit; one that keeps nothing is no error.
export function remembered(key) {
  try { return localStorage.getItem('scrawl.' + key); } catch { return null; }
}

export function remember(key, value) {
  try { localStorage.setItem('scrawl.' + key, value); } catch { /* then not */ }
}
