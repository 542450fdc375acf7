/* Asks before a button with data-confirm does what it does, in the page's own dialogue. */
(() => {
  "use strict";
  const asked = new WeakSet();

  const element = (name, className, text) => {
    const made = document.createElement(name);
    made.className = className;
    if (text) made.textContent = text;
    return made;
  };
  const choice = (text, className, value) => {
    const button = element("button", className, text);
    button.type = "submit";
    button.value = value;
    return button;
  };
  const ask = (text, danger) => {
    const dialog = element("dialog", "ask");
    const form = element("form", "");
    const question = element("p", "ask__text", text);
    const actions = element("div", "ask__actions");
    form.method = "dialog";
    question.id = "ask-text";
    dialog.setAttribute("aria-labelledby", question.id);
    actions.append(
      choice(document.body.dataset.confirmNo, "btn btn-outline-primary", "no"),
      choice(document.body.dataset.confirmYes, danger ? "btn btn-danger" : "btn btn-primary", "yes"),
    );
    form.append(question, actions);
    dialog.append(form);
    document.body.append(dialog);
    dialog.showModal();
    return new Promise((answer) => {
      dialog.addEventListener("close", () => {
        dialog.remove();
        answer(dialog.returnValue === "yes");
      });
    });
  };

  document.addEventListener(
    "click",
    async (event) => {
      const button = event.target.closest?.("[data-confirm]");
      if (!button) return;
      if (asked.delete(button)) return; // this click is the answer "yes"
      event.preventDefault();
      event.stopImmediatePropagation();
      if (button.form && !button.formNoValidate && !button.form.reportValidity()) return;
      if (await ask(button.dataset.confirm, button.classList.contains("btn-danger"))) {
        asked.add(button);
        button.click();
      }
    },
    true,
  );
})();
