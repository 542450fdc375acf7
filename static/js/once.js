/* A second press on the same button sends nothing: the first one is still on its way. */
(() => {
  "use strict";
  const PATIENCE = 8000; // a download answers without a new page, so the form opens again

  const release = (form) => {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[type=submit]")) button.removeAttribute("aria-disabled");
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-once]") || event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    for (const button of form.querySelectorAll("[type=submit]")) button.setAttribute("aria-disabled", "true");
    setTimeout(() => release(form), PATIENCE);
  });
  // Back from the next page, the browser shows this one as it was left.
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));
  // What went wrong is the first thing to be read.
  document.querySelector("[data-focus]")?.focus();
})();
