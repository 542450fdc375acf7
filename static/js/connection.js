/* Says so when a tap at the door did not reach the server, and leaves when the sign-in has ended. */
(() => {
  "use strict";
  const show = (lost) => {
    for (const part of document.querySelectorAll("[data-connection-lost]")) part.hidden = !lost;
  };
  document.addEventListener("htmx:sendError", () => show(true));
  document.addEventListener("htmx:timeout", () => show(true));
  document.addEventListener("htmx:afterOnLoad", () => show(false));
  addEventListener("offline", () => show(true));
  addEventListener("online", () => show(false));
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, target } = event.detail;
    if (xhr.status >= 400) {
      // A refusal is a page of its own: its words take the place of the page.
      event.detail.shouldSwap = true;
      event.detail.target = document.querySelector("main");
      event.detail.selectOverride = "main";
      event.detail.swapOverride = "outerHTML";
      return;
    }
    const where = new URL(xhr.responseURL || location.href);
    if (target && !where.pathname.startsWith(location.pathname)) {
      event.detail.shouldSwap = false;
      location.assign(where);
    }
  });
})();
