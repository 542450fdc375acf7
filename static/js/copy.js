/* Puts a ready sentence on the clipboard and says that it did. */
(() => {
  "use strict";
  if (!navigator.clipboard) return; // plain http on another machine: the text can still be selected
  const show = (part) => {
    for (const button of part.querySelectorAll("[data-copy-button]")) button.hidden = false;
  };
  show(document);
  document.addEventListener("htmx:load", (event) => show(event.target));
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy-button]");
    if (!button) return;
    const source = button.closest("[data-copy]").querySelector("[data-copy-source]");
    await navigator.clipboard.writeText(source.textContent.trim());
    const label = button.querySelector("[data-copy-label]");
    const before = label.textContent;
    label.setAttribute("role", "status");
    label.textContent = button.dataset.done;
    setTimeout(() => {
      label.textContent = before;
    }, 2000);
  });
})();
