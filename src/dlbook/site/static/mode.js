// Runs before the page is painted: the colours that the reader chose, or the system's.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const kept = () => {
    try {
      return localStorage.getItem("dlbook-mode") || "auto";
    } catch {
      return "auto"; // storage may be forbidden, as it is for files in some browsers
    }
  };
  const apply = () => {
    root.dataset.mode = kept();
    root.dataset.theme = root.dataset.mode === "auto" ? (dark.matches ? "dark" : "light") : root.dataset.mode;
  };
  apply();
  root.classList.add("js");
  dark.addEventListener("change", apply);
  addEventListener("storage", apply);
  window.dlbookMode = (mode) => {
    try {
      localStorage.setItem("dlbook-mode", mode);
      apply();
    } catch {
      root.dataset.mode = mode;
      root.dataset.theme = mode === "auto" ? (dark.matches ? "dark" : "light") : mode;
    }
  };
})();
