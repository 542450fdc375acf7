/* Light or dark: what the reader chose, else what the device says. Loaded before the first paint. */
(() => {
  "use strict";
  const root = document.documentElement;
  const device = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // storage is closed to us: the device decides
    }
  };
  const show = () => {
    const theme = chosen() ?? (device.matches ? "dark" : "light");
    root.dataset.bsTheme = theme === "dark" ? "dark" : "light";
    for (const button of document.querySelectorAll("[data-theme-toggle]")) {
      button.hidden = false;
      button.setAttribute("aria-pressed", String(theme === "dark"));
    }
  };

  show();
  device.addEventListener("change", show);
  addEventListener("storage", show);
  document.addEventListener("DOMContentLoaded", show);
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-theme-toggle]")) return;
    const theme = root.dataset.bsTheme === "dark" ? "light" : "dark";
    try {
      localStorage.setItem("theme", theme);
      show();
    } catch {
      root.dataset.bsTheme = theme; // for this page at least
    }
  });
})();
