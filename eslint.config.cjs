// What scripts/lint asks of the JavaScript: the page's ES modules, and what runs in Node.
const js = require('@eslint/js');

const names = (text) => Object.fromEntries(text.split(/\s+/).map((name) => [name, 'readonly']));
const everywhere = names('console setTimeout clearTimeout setInterval clearInterval URL Blob fetch AbortController TextEncoder TextDecoder atob btoa MessageChannel');
const browser = names(`window document navigator location localStorage sessionStorage history matchMedia requestAnimationFrame
  cancelAnimationFrame createImageBitmap getComputedStyle Image FileReader FormData File OffscreenCanvas ResizeObserver Path2D DOMException
  ImageData ClipboardEvent CustomEvent DragEvent Event PointerEvent AbortSignal performance devicePixelRatio alert CSS DataTransfer ClipboardItem confirm EventSource Element Node
  indexedDB caches self Request Response CompressionStream DecompressionStream Worker crypto HTMLCanvasElement WebAssembly BroadcastChannel getSelection`);
const node = names('require module process setImmediate __dirname __filename Buffer');

const rules = {
  ...js.configs.recommended.rules,
  eqeqeq: 'error',
  'no-implicit-globals': 'error',
  'no-use-before-define': ['error', { functions: false, variables: false }],
  'no-var': 'error',
  'prefer-const': 'error',
};

module.exports = [
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  { files: ['web/**/*.js'], languageOptions: { sourceType: 'module', globals: { ...everywhere, ...browser } }, rules: { ...rules, 'no-shadow': 'error' } },
  { files: ['**/*.mjs'], languageOptions: { sourceType: 'module', globals: { ...everywhere, ...names('process Buffer performance WebAssembly') } }, rules },
  // Tests hand functions to the browser, with arguments of the same names as here; onnxruntime-web is `ort` there.
  { files: ['**/*.cjs'], languageOptions: { sourceType: 'commonjs', globals: { ...everywhere, ...browser, ...node, ort: 'readonly' } }, rules },
];
