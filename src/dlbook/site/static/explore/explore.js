// Brings the book's interactive figures to life. All states of a figure come in one file, which is fetched
// when the figure comes near the screen or a control gets the focus; after that nothing is asked of the server.
"use strict";

const PACE = 600; // ms for which "play" shows a picture
const QUIET = 500; // ms without a change before the state is spoken

/** Unpacks a fetched bundle; a server may have taken the compression off on the way. */
async function unpack(response) {
  if (!response.ok) throw new Error(`${response.url}: ${response.status}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!packed) return JSON.parse(new TextDecoder().decode(bytes));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
}

/** Puts a canvas in the place of an image inside a picture: a strict page loads no data: addresses. */
async function asCanvas(image) {
  const [head, data] = image.getAttribute("href").split(",");
  const bytes = Uint8Array.from(atob(data.replace(/\s/g, "")), (c) => c.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: head.slice(5, head.indexOf(";")) }));
  const canvas = document.createElement("canvas");
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.className = "dlbook-explore-raster";
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  const holder = document.createElementNS("http://www.w3.org/2000/svg", "foreignObject");
  for (const { name, value } of image.attributes) if (name !== "href") holder.setAttribute(name, value);
  holder.append(canvas);
  image.replaceWith(holder);
}

class Explorer {
  constructor(root) {
    this.root = root;
    this.controls = [...root.querySelectorAll("input, select")];
    this.picture = root.querySelector(".dlbook-explore-picture");
    this.results = root.querySelector(".dlbook-explore-results > dl");
    this.status = root.querySelector(".dlbook-explore-status");
    this.button = root.querySelector(".dlbook-explore-play");
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.turn = 0; // counts changes: a picture that is ready late must not replace a newer one

    for (const control of this.controls) {
      control.disabled = false;
      control.addEventListener("input", () => {
        this.pause();
        this.show();
      });
    }
    if (this.button) {
      this.moved = this.controls[Number(this.button.dataset.control)];
      this.button.disabled = false;
      this.button.addEventListener("click", () => this.press());
      this.calm.addEventListener("change", () => this.pause());
      this.label();
    }
    // Nobody has to wait at the first touch, and nobody loads what they never see.
    const near = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        near.disconnect();
        this.load().catch(() => {});
      },
      { rootMargin: "300px" },
    );
    near.observe(root);
    root.addEventListener("focusin", () => this.load().catch(() => {}), { once: true });
  }

  /** Fetches the states, once; after a failure the next call tries again. */
  load() {
    this.loading ??= fetch(this.root.dataset.bundle)
      .then(unpack)
      .then((bundle) => (this.bundle = bundle))
      .catch((error) => {
        this.loading = undefined;
        throw error;
      });
    return this.loading;
  }

  /** Shows the state that the controls stand at. */
  async show() {
    const turn = ++this.turn;
    try {
      const bundle = this.bundle ?? (await this.load());
      const state = this.controls.reduce((n, c, i) => n * bundle.texts[i].length + Number(c.value), 0);
      const picture = await this.draw(bundle, state);
      if (turn !== this.turn) return;
      if (picture) {
        const { width, height } = this.picture.firstElementChild.getBoundingClientRect();
        // To the pixel as large as what it replaces, which the page gives in whole numbers.
        picture.setAttribute("width", Math.round(picture.getAttribute("width")));
        if (height) picture.style.aspectRatio = `${width} / ${height}`;
        this.picture.replaceChildren(picture);
      }
      this.write(bundle, state);
      this.root.dataset.state = state;
    } catch (error) {
      this.pause();
      this.status.textContent = this.status.dataset.failed;
      this.status.classList.remove("dlbook-unseen");
      console.warn(error);
    }
  }

  /** Puts a picture together from its pieces. */
  async draw(bundle, state) {
    const pieces = bundle.pictures[bundle.states[state]];
    if (!pieces) return null;
    const text = pieces.map((n) => bundle.pieces[n]).join("");
    const parsed = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    await Promise.all([...parsed.querySelectorAll("image")].map(asCanvas)); // before the page sees them
    const svg = document.adoptNode(parsed);
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", bundle.alts[state]);
    return svg;
  }

  /** Writes values and results, and has them spoken once the reader pauses. */
  write(bundle, state) {
    this.controls.forEach((control, n) => {
      if (control.type !== "range") return;
      const text = bundle.texts[n][Number(control.value)];
      control.setAttribute("aria-valuetext", text);
      control.parentElement.querySelector(".dlbook-explore-value").textContent = text;
    });
    this.results.replaceChildren(
      ...bundle.results[state].map(([label, text]) => {
        const row = document.createElement("div");
        row.append(document.createElement("dt"), document.createElement("dd"));
        row.firstChild.textContent = label;
        row.lastChild.textContent = text;
        return row;
      }),
    );
    const spoken = bundle.results[state].map(([label, text]) => (label ? `${label}: ${text}` : text));
    this.status.classList.add("dlbook-unseen");
    clearTimeout(this.speech);
    this.speech = setTimeout(() => {
      if (!this.timer) this.status.textContent = spoken.join("; ") || bundle.alts[state];
    }, QUIET);
  }

  /** The button was pressed: play, pause, or, for readers who want no motion, one state further. */
  press() {
    if (this.timer) this.pause();
    else if (this.calm.matches) this.step(true);
    else {
      if (this.moved.value === this.last()) this.set(0);
      this.timer = setInterval(() => this.step(false), PACE);
      this.label();
    }
  }

  step(round) {
    const next = Number(this.moved.value) + 1;
    if (next <= Number(this.last())) this.set(next);
    else if (round) this.set(0);
    if (!round && this.moved.value === this.last()) this.pause();
  }

  set(value) {
    this.moved.value = String(value);
    this.show();
  }

  last() {
    return this.moved.max || String(this.moved.options.length - 1);
  }

  pause() {
    const played = this.timer;
    clearInterval(this.timer);
    this.timer = undefined;
    this.label();
    if (played && this.bundle) this.show(); // now it may be spoken
  }

  label() {
    if (!this.button) return;
    const word = this.timer ? "pause" : this.calm.matches ? "next" : "play";
    this.button.firstChild.textContent = this.button.dataset[word];
    this.button.dataset.now = word;
  }
}

for (const root of document.querySelectorAll(".dlbook-explore")) new Explorer(root);
