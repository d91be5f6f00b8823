/* Answer forms: reads what was entered, has it marked, shows the verdict, keeps the answers in this browser.

   It knows nothing about what is right. Verdicts are looked up in tables that the book's Python made (lookup.js), or
   found by that same Python in a worker (worker.js), which starts when it is first needed. */

const data = JSON.parse(document.getElementById("dlbook-answers").textContent);
const { lookup } = await import(`./lookup.js?v=${data.version}`);

const SIGNS = { right: "\u2713", almost: "\u2248", wrong: "\u2717", unreadable: "?", undecided: "\u2026" };
const WORDS = {
  right: "Right.", almost: "Almost.", wrong: "Not yet.", unreadable: "I cannot read this.",
  undecided: "I could not decide.",
};
const LIMIT = 5000; // ms that marking one answer may take
const PAUSE = 250; // ms without a key pressed, after which what was typed so far is shown as a formula
const KERNEL = (name) => `You can still have it marked in a notebook: check("${name}", "...").`;

const undecided = (message) => ({ status: "undecided", message });

/** Make an element with a class and content. */
function make(tag, name, ...content) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.append(...content);
  return element;
}

/** Make an element from HTML that the book's Python wrote (dlbook.answers.page escapes all else). */
function fromPython(tag, name, html) {
  const element = make(tag, name);
  element.innerHTML = html;
  return element;
}

// ---- Python in a worker -------------------------------------------------------------------------------------------

const python = { worker: null, starting: null, ready: false, turn: Promise.resolve(), listeners: new Set() };

/** Start the worker, once; `listeners` are told how it goes. Rejects with a sentence for the reader. */
function startPython() {
  python.starting ??= new Promise((resolve, reject) => {
    const give = (reason) => {
      stopPython();
      reject(new Error(reason));
    };
    const worker = new Worker(new URL(`worker.js?v=${data.version}`, import.meta.url), { type: "module" });
    python.worker = worker;
    worker.onerror = () => give("Python could not be started here.");
    worker.onmessage = ({ data: message }) => {
      if (message.type === "progress") for (const listener of python.listeners) listener(message);
      else if (message.type === "ready") {
        python.ready = true;
        resolve(worker);
      }
      else if (message.type === "absent") give("This copy of the site was made without the Python that reads formulas.");
      else if (message.type === "failed") give("The Python that reads formulas could not be loaded; are you offline?");
    };
    worker.postMessage({ type: "start" });
  });
  return python.starting;
}

function stopPython() {
  python.worker?.terminate();
  python.worker = python.starting = null;
  python.ready = false;
}

/** Put what Python needs to know into one text. */
function request(name, answer) {
  const tables = { ...data.shared, keys: { [name.split("/")[1]]: data.keys[name].python } };
  return JSON.stringify({ tables, name, answer });
}

/** Show how an answer is read so far, as HTML; empty where it is no formula yet, or Python is not there. */
function readByPython(name, answer) {
  const work = () => new Promise((resolve) => {
    if (!python.ready) return resolve("");
    const { worker } = python;
    const end = (html) => {
      clearTimeout(timer);
      resolve(html);
    };
    const timer = setTimeout(() => {
      stopPython();
      end("");
    }, 4 * LIMIT); // the key may have to be prepared first
    worker.onerror = () => {
      stopPython();
      end("");
    };
    worker.onmessage = ({ data: message }) => message.type === "read" && end(message.html);
    worker.postMessage({ type: "read", request: request(name, answer) });
  });
  return (python.turn = python.turn.then(work));
}

/** Have one answer marked; answers wait for each other. Never says "wrong" when it is the machine that failed. */
function markByPython(name, answer, listener) {
  const work = async () => {
    let worker;
    try {
      worker = await startPython();
    } catch (error) {
      return undecided(`${error.message} Your answer is kept. ${KERNEL(name)}`);
    }
    return new Promise((resolve) => {
      let timer;
      const end = (verdict) => {
        clearTimeout(timer);
        resolve(verdict);
      };
      const late = () => {
        stopPython(); // the only way to end Python that does not stop by itself
        end(undecided("This took too long, so it counts neither as right nor as wrong."));
      };
      timer = setTimeout(late, 4 * LIMIT); // the key's preparation; then the answer's own time begins
      worker.onerror = () => {
        stopPython();
        end(undecided("Python stopped while it marked this answer."));
      };
      worker.onmessage = ({ data: message }) => {
        if (message.type === "prepared") {
          clearTimeout(timer);
          timer = setTimeout(late, LIMIT);
        } else if (message.type === "verdict") end(message.verdict);
      };
      worker.postMessage({ type: "mark", request: request(name, answer) });
    });
  };
  python.listeners.add(listener);
  const turn = python.turn.then(work);
  python.turn = turn.finally(() => python.listeners.delete(listener));
  return turn;
}

// ---- What is kept -------------------------------------------------------------------------------------------------

const shelf = `dlbook answers ${new URL("../..", import.meta.url).pathname} ${data.chapter}`;
let kept = {};
try {
  kept = JSON.parse(localStorage.getItem(shelf)) ?? {};
} catch {
  // a browser may forbid storage, or hold what somebody else put there
}

function keep() {
  try {
    if (Object.keys(kept).length) localStorage.setItem(shelf, JSON.stringify(kept));
    else localStorage.removeItem(shelf);
  } catch {
    // then the answers last as long as the page
  }
}

// ---- One form -----------------------------------------------------------------------------------------------------

class Form {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.name = form.dataset.key;
    this.key = data.keys[this.name];
    this.verdict = form.querySelector(".dlbook-verdict");
    this.field = form.querySelector(".dlbook-field :is(input, textarea)");
    if (this.key.python && !["code", "number"].includes(this.key.kind)) {
      this.preview = make("p", "dlbook-preview");
      this.field.parentElement.after(this.preview);
    }
    this.steps = form.querySelector(".dlbook-steps");
    this.shown = this.steps && [...this.steps.children];
    this.hints = [...form.querySelectorAll(".dlbook-hint")];
    this.busy = false;
    for (const element of form.querySelectorAll("[data-script]")) element.hidden = false;
    form.querySelector(".dlbook-starter")?.remove();
    form.querySelector("[data-do=reset]").addEventListener("click", () => this.reset());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.check();
    });
    form.addEventListener("input", () => this.changed());
    this.steps?.addEventListener("click", (event) => this.move(event.target.closest("[data-move]")));
    this.field?.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
    for (const hint of this.hints) hint.addEventListener("toggle", () => this.nextHint());
    this.settle();
    this.restore();
  }

  get right() {
    return kept[this.name]?.status === "right";
  }

  /** What was entered, as text: the letters of choices and steps, or what was typed. */
  get answer() {
    if (this.field) return this.field.value;
    if (this.steps) return [...this.steps.children].map((step) => step.dataset.letter).join(" ");
    return [...this.form.querySelectorAll("input:checked")].map((input) => input.value).join(" ");
  }

  set answer(text) {
    const words = text.split(" ");
    if (this.field) this.field.value = text;
    else if (this.steps) {
      const rank = (step) => words.indexOf(step.dataset.letter);
      if (this.shown.every((step) => rank(step) >= 0)) {
        this.steps.append(...[...this.shown].sort((a, b) => rank(a) - rank(b)));
        this.settle();
      }
    } else for (const input of this.form.querySelectorAll("input")) input.checked = words.includes(input.value);
  }

  changed() {
    kept[this.name] = { ...kept[this.name], answer: this.answer, digest: this.key.digest };
    keep();
    this.verdict.dataset.old = "";
    this.field?.removeAttribute("aria-invalid");
    this.read();
  }

  /** Show how a formula is read while it is typed, once Python is there; the verdict says it to all. */
  read() {
    clearTimeout(this.pause);
    if (!this.preview || !python.ready) return;
    this.pause = setTimeout(async () => {
      const { answer } = this;
      const html = await readByPython(this.name, answer);
      if (answer !== this.answer || this.verdict.dataset.old === undefined) return; // overtaken, or marked by now
      this.preview.replaceChildren(...(html ? ["Reads as ", fromPython("span", "", html)] : []));
    }, PAUSE);
  }

  async check() {
    if (this.busy) return;
    this.busy = true;
    clearTimeout(this.pause);
    const answer = this.answer;
    let verdict = this.key.table && lookup(this.key.table, answer);
    if (!verdict && !this.key.python) verdict = undecided("This question's table is damaged; please report it.");
    verdict ??= null;
    if (!verdict) verdict = await markByPython(this.name, answer, (message) => this.wait(message));
    this.busy = false;
    kept[this.name] = { answer: this.answer, status: verdict.status, digest: this.key.digest };
    keep();
    this.show(verdict, answer);
    count();
  }

  /** Say that Python is on its way: in words now and then, and as a bar. */
  wait({ done, total }) {
    const share = done / total;
    const quarter = Math.floor(4 * share);
    let bar = this.verdict.querySelector("progress");
    if (!bar) {
      bar = make("progress");
      bar.setAttribute("aria-label", "Loading Python");
      this.verdict.replaceChildren(make("p"), bar);
      this.verdict.dataset.status = "busy";
      delete this.verdict.dataset.old;
      this.quarter = -1;
    }
    bar.value = share;
    if (quarter === this.quarter) return;
    this.quarter = quarter;
    const size = (bytes) => Math.round(bytes / 1e6);
    this.verdict.firstChild.textContent =
      share < 1 ? `Loading Python for this, once: ${size(done)} of ${size(total)} MB.` : "Starting Python.";
  }

  show(verdict, answer) {
    const { status } = verdict;
    const sign = make("span", "dlbook-sign", SIGNS[status]);
    sign.setAttribute("aria-hidden", "true");
    const line = make("p", "", sign, make("strong", "", WORDS[status]), " ");
    line.append(verdict.html === undefined ? verdict.message : fromPython("span", "", verdict.html));
    const parts = [line];
    if (verdict.at) parts.push(this.where(answer, verdict.at));
    if (verdict.understood) {
      parts.push(make("p", "dlbook-understood", "Understood as ", fromPython("span", "", verdict.understood)));
    }
    const place = status !== "right" && data.see[verdict.see];
    if (place) {
      const link = make("a", "", place.title);
      link.href = place.href;
      parts.push(make("p", "", "Read again: ", link));
    }
    this.preview?.replaceChildren();
    this.verdict.replaceChildren(...parts);
    this.verdict.dataset.status = status;
    delete this.verdict.dataset.old;
    this.field?.setAttribute("aria-invalid", String(status === "unreadable"));
  }

  /** Repeat the answer with the part in question marked; positions count characters, not UTF-16 units. */
  where(answer, [start, end]) {
    const signs = Array.from(answer);
    const part = signs.slice(start, end).join("") || "\u2038"; // a caret where something is missing
    const [before, after] = [signs.slice(0, start).join(""), signs.slice(end).join("")];
    return make("p", "dlbook-where", "Here: ", make("code", "", before, make("mark", "", part), after));
  }

  /** Move a step one place; the button keeps the focus, and the new place is said. */
  move(button) {
    if (!button) return;
    const step = button.closest("li");
    const up = button.dataset.move === "-1";
    const other = up ? step.previousElementSibling : step.nextElementSibling;
    if (!other) return;
    if (up) other.before(step);
    else other.after(step);
    this.settle();
    this.changed();
    const place = [...this.steps.children].indexOf(step) + 1;
    const letter = step.dataset.letter;
    this.verdict.replaceChildren(make("p", "", `Step ${letter} is now number ${place} of ${this.shown.length}.`));
    this.verdict.dataset.status = "moved";
    delete this.verdict.dataset.old;
    button.focus();
  }

  /** Tell which steps cannot move further, without taking their buttons out of reach. */
  settle() {
    for (const button of this.form.querySelectorAll("[data-move]")) {
      const step = button.closest("li");
      const end = button.dataset.move === "-1" ? step.previousElementSibling : step.nextElementSibling;
      button.setAttribute("aria-disabled", String(!end));
    }
  }

  /** Offer a hint when the one before it has been opened. */
  nextHint() {
    this.hints.forEach((hint, n) => {
      if (n) hint.hidden &&= !this.hints[n - 1].open;
    });
  }

  restore() {
    this.hints.forEach((hint, n) => (hint.hidden = n > 0));
    const { answer, status, digest } = kept[this.name] ?? {};
    if (answer === undefined) return;
    this.answer = answer;
    if (digest !== this.key.digest) kept[this.name] = { answer, digest: this.key.digest }; // the question changed
    else if (status) {
      // Nobody asked just now, so nothing is announced.
      this.verdict.setAttribute("aria-live", "off");
      const again = this.key.table && lookup(this.key.table, answer);
      this.show(again || { status, message: "So it was marked when you were here before." }, answer);
      setTimeout(() => this.verdict.removeAttribute("aria-live"), 1000);
    }
  }

  reset() {
    delete kept[this.name];
    keep();
    this.form.reset();
    if (this.steps) {
      this.steps.append(...this.shown);
      this.settle();
    }
    clearTimeout(this.pause);
    this.preview?.replaceChildren();
    this.verdict.replaceChildren();
    delete this.verdict.dataset.status;
    this.field?.removeAttribute("aria-invalid");
    count();
  }
}

// ---- All of them --------------------------------------------------------------------------------------------------

const forms = [...document.querySelectorAll("form.dlbook-answer")].map((form) => new Form(form));
const summary = document.querySelector(".dlbook-progress");

/** Say how many questions have been answered rightly. */
function count() {
  const done = forms.filter((form) => form.right).length;
  const text = `Solved ${done} of ${forms.length}.`;
  const line = summary?.querySelector("p");
  if (line && line.textContent !== text) line.textContent = text;
}

/** Hand the answers over as a file. */
function download() {
  const answers = forms.map(({ name, key, answer }) => ({
    key: name, kind: key.kind, answer, status: kept[name]?.status ?? null,
  }));
  const content = { page: location.pathname, title: document.title, date: new Date().toISOString(), answers };
  const link = make("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(content, null, 2)], { type: "application/json" }));
  link.download = `answers-${data.chapter}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

if (summary) {
  summary.hidden = false;
  summary.querySelector("[data-do=export]").addEventListener("click", download);
  summary.querySelector("[data-do=reset-all]").addEventListener("click", () => {
    if (window.confirm("Remove all your answers on this page?")) forms.forEach((form) => form.reset());
  });
  count();
}
