// The package's files, in a browser. Bundlers find them by these three URLs.
const urls = {
  wasm: new URL('./scrawl.wasm.gz', import.meta.url),
  digits: new URL('./digits.safetensors.gz', import.meta.url),
  pages: new URL('./pages.safetensors.gz', import.meta.url),
};

export async function loadFile(name) {
  const response = await fetch(urls[name]);
  if (!response.ok) throw new Error(`${urls[name]}: ${response.status} ${response.statusText}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;  // a web host has unpacked it on the way
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
