/* Runs the book's own Python: Pyodide, the libraries and the wheel, all from this site. */

const base = new URL(".", import.meta.url);
let python = null;

/** Count what `fetch` delivers, so that a slow connection sees how far it is. */
function countFetches(total) {
  const plain = self.fetch.bind(self);
  let done = 0;
  const tell = () => postMessage({ type: "progress", done: Math.min(done, total), total });
  tell();
  self.fetch = async (...request) => {
    const response = await plain(...request);
    if (!response.ok || !response.body) return response;
    const counter = new TransformStream({
      transform(chunk, controller) {
        done += chunk.byteLength;
        tell();
        controller.enqueue(chunk);
      },
    });
    const { status, statusText, headers } = response;
    return new Response(response.body.pipeThrough(counter), { status, statusText, headers });
  };
}

async function bytes(url) {
  const response = await self.fetch(url);
  if (!response.ok) throw new Error(`${response.status} for ${url}`);
  return response.arrayBuffer();
}

async function start() {
  const listing = await fetch(new URL("marker.json", base), { cache: "no-cache" });
  if (listing.status === 404) {
    postMessage({ type: "absent" });
    return;
  }
  const { files, runtime, archives } = await listing.json();
  const sizes = Object.entries(files).filter(([name]) => !name.endsWith(".mjs"));
  countFetches(sizes.reduce((sum, [, size]) => sum + size, 0));
  const packed = Promise.all(archives.map((name) => bytes(new URL(name, base))));
  const folder = new URL(runtime, base).href;
  const { loadPyodide } = await import(`${folder}pyodide.mjs`);
  const [pyodide, contents] = await Promise.all([loadPyodide({ indexURL: folder }), packed]);
  postMessage({ type: "progress", done: 1, total: 1 });
  for (const content of contents) pyodide.unpackArchive(content, "wheel");
  python = pyodide.pyimport("dlbook.answers.page");
  python.warm_up();
  postMessage({ type: "ready" });
}

self.onmessage = async ({ data: message }) => {
  if (message.type === "start") {
    try {
      await start();
    } catch (error) {
      console.warn(`Python could not be loaded: ${error}`);
      postMessage({ type: "failed" });
    }
    return;
  }
  if (message.type === "read") {
    postMessage({ type: "read", html: python.understood_json(message.request) });
    return;
  }
  python.prepare_json(message.request);
  postMessage({ type: "prepared" });
  postMessage({ type: "verdict", verdict: JSON.parse(python.mark_json(message.request)) });
};
