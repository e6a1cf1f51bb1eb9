// Before the first paint: the colors chosen last time. (words.js sees to the language.)
try {
  const scheme = localStorage.getItem('scrawl.scheme');
  if (scheme) document.documentElement.dataset.scheme = scheme;
} catch { /* a browser that remembers nothing follows the system */ }
