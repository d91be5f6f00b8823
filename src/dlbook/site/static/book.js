// What HTML and CSS do not do by themselves. Every page reads without this file.
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // Colours: the button goes from the system's to light to dark.
  const names = { auto: "as the system has them", light: "light", dark: "dark" };
  const modes = Object.keys(names);
  const modeButton = document.querySelector('[data-action="mode"]');
  const nameMode = () => {
    modeButton.title = `Colours: ${names[document.documentElement.dataset.mode]}`;
  };
  if (modeButton) {
    nameMode();
    modeButton.addEventListener("click", () => {
      const now = modes.indexOf(document.documentElement.dataset.mode);
      window.dlbookMode(modes[(now + 1) % modes.length]);
      nameMode();
      say(modeButton.title);
    });
  }

  // A place for short messages that screen readers speak.
  const voice = document.createElement("p");
  voice.className = "visually-hidden";
  voice.setAttribute("role", "status");
  document.querySelector("main").append(voice);
  const say = (text) => {
    voice.textContent = text;
  };

  // Copy buttons, on code that a reader might run.
  const copyText = async (text) => {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    // Plain http has no clipboard object.
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (!done) throw new Error("copying is not allowed");
  };
  for (const block of all("div.highlight")) {
    if (block.closest(".cell_output, .dlbook-check")) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy-button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      let word = "Copied";
      try {
        await copyText(block.querySelector("pre").textContent.trimEnd());
      } catch {
        word = "Not allowed";
      }
      button.textContent = word;
      say(word);
      setTimeout(() => (button.textContent = "Copy"), 2000);
    });
    block.append(button);
  }

  // What scrolls sideways can be reached with the keyboard; what fits is no stop.
  const scrollers = all("pre, .pst-scrollable-table-container, .dlbook-left, .dlbook-right, .dlbook-formula, div.math, .table-scroll");
  const stops = () => {
    const wide = scrollers.map((box) => box.scrollWidth > box.clientWidth + 1 && box.clientWidth > 0);
    scrollers.forEach((box, n) => {
      if (wide[n]) box.tabIndex = 0;
      else if (box.tabIndex === 0) box.removeAttribute("tabindex");
    });
  };
  let waiting = 0;
  const stopsSoon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(stops, 150);
  };
  addEventListener("load", stopsSoon);
  addEventListener("resize", stopsSoon);
  document.addEventListener("toggle", stopsSoon, true);

  // The section being read, in the page's table of contents. Sections below it stay as they are: a list
  // that opens and shuts while one scrolls moves what the reader may be about to press.
  const links = new Map(all("#page-toc > ul > li > a[href^='#']").map((a) => [decodeURIComponent(a.hash.slice(1)), a]));
  const heads = all("main section[id]").filter((s) => links.has(s.id));
  if (heads.length) {
    let current = null;
    const mark = () => {
      let found = null;
      for (const section of heads) if (section.getBoundingClientRect().top < innerHeight / 4) found = section;
      const link = found && links.get(found.id);
      if (link === current) return;
      current?.removeAttribute("aria-current");
      current = link;
      if (!current) return;
      current.setAttribute("aria-current", "true");
      const box = document.getElementById("page-toc");
      const away = current.offsetTop - box.scrollTop;
      if (away < 40 || away > box.clientHeight - 60) box.scrollTop = current.offsetTop - box.clientHeight / 3;
    };
    let queued = false;
    addEventListener(
      "scroll",
      () => {
        if (queued) return;
        queued = true;
        requestAnimationFrame(() => {
          queued = false;
          mark();
        });
      },
      { passive: true },
    );
    addEventListener("load", mark);
  }

  // Choosing a place in an opened panel closes it; so does Escape or a press beside a menu.
  for (const panel of all("[popover]")) {
    panel.addEventListener("click", (event) => {
      if (event.target.closest("a") && panel.matches(":popover-open")) panel.hidePopover();
    });
  }
  const menus = all("details.menu");
  document.addEventListener("click", (event) => {
    for (const menu of menus) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    const open = menus.find((menu) => menu.open);
    if (event.key === "Escape" && open) {
      open.open = false;
      open.querySelector("summary").focus();
    }
    // The shortcuts that readers know from other sites lead to the search field.
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if ((event.key === "k" && (event.ctrlKey || event.metaKey)) || (event.key === "/" && !typing)) {
      const nav = document.getElementById("book-nav");
      if (getComputedStyle(nav).display === "none") nav.showPopover();
      nav.querySelector("input").focus();
      event.preventDefault();
    }
  });

  // Paper shows what is folded.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = all("main details:not([open])");
    for (const box of opened) box.open = true;
    for (const image of all("main img[loading=lazy]")) image.loading = "eager";
  });
  addEventListener("afterprint", () => {
    for (const box of opened) box.open = false;
  });
  document.querySelector('[data-action="print"]')?.addEventListener("click", () => print());
})();
