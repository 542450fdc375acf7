/* Suggests institutions while one types, in whatever script; what is typed is never taken away.
   WAI-ARIA combobox with a list: arrows move, Enter takes, Escape closes. */
(() => {
  "use strict";
  const PAUSE = 180; // milliseconds without a key before we ask
  let count = 0;

  const line = (className, text) => {
    const made = document.createElement("span");
    made.className = className;
    made.textContent = text;
    return made;
  };

  class Suggestions {
    constructor(frame) {
      this.input = frame.querySelector("[data-suggest-url]");
      this.value = this.input.form.elements[frame.dataset.suggest] ?? this.hidden(frame.dataset.suggest);
      this.items = [];
      this.active = -1;
      this.list = document.createElement("ul");
      this.list.id = `suggest-${++count}`;
      this.list.className = "suggest__list";
      this.list.setAttribute("role", "listbox");
      this.list.setAttribute("aria-label", frame.querySelector("label")?.textContent.trim() ?? "");
      this.list.hidden = true;
      this.said = line("visually-hidden", "");
      this.said.setAttribute("role", "status");
      this.input.after(this.list, this.said);
      const roles = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id };
      for (const [name, text] of Object.entries(roles)) this.input.setAttribute(name, text);
      this.listen();
    }

    hidden(name) {
      const made = document.createElement("input");
      made.type = "hidden";
      made.name = name;
      this.input.form.append(made);
      return made;
    }

    listen() {
      this.input.addEventListener("input", (event) => {
        this.value.value = "";
        if (!event.isComposing) this.askSoon();
      });
      this.input.addEventListener("compositionend", () => this.askSoon());
      this.input.addEventListener("keydown", (event) => this.onKey(event));
      this.input.addEventListener("blur", () => this.close());
      this.list.addEventListener("mousedown", (event) => event.preventDefault()); // keeps the focus
      this.list.addEventListener("click", (event) => {
        const option = event.target.closest("[role=option]");
        if (option) this.take(Number(option.dataset.index));
      });
    }

    askSoon() {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(), PAUSE);
    }

    async ask() {
      const text = this.input.value.trim();
      this.request?.abort();
      if (!text) return this.close();
      this.request = new AbortController();
      const address = new URL(this.input.dataset.suggestUrl, location.href);
      address.searchParams.set("q", text);
      try {
        const answer = await fetch(address, {
          headers: { Accept: "application/json" },
          signal: this.request.signal,
        });
        if (answer.ok) this.show(await answer.json());
      } catch (problem) {
        if (problem.name !== "AbortError") this.close(); // no network: the text alone is enough
      }
      return undefined;
    }

    show(items) {
      if (document.activeElement !== this.input) return;
      this.items = items;
      this.active = -1;
      this.input.removeAttribute("aria-activedescendant");
      this.list.replaceChildren(...items.map((item, index) => this.option(item, index)));
      this.said.textContent = items.length
        ? this.input.dataset.suggestSome.replace("{count}", items.length)
        : this.input.dataset.suggestNone;
      this.list.hidden = items.length === 0;
      this.input.setAttribute("aria-expanded", String(items.length > 0));
    }

    option(item, index) {
      const option = document.createElement("li");
      option.id = `${this.list.id}-${index}`;
      option.className = "suggest__option";
      option.dataset.index = index;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.append(line("suggest__name", item.name));
      if (item.detail) option.append(line("suggest__detail", item.detail));
      return option;
    }

    onKey(event) {
      if (event.isComposing) return; // the keys belong to the input method
      const open = !this.list.hidden;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (open) this.move(event.key === "ArrowDown" ? 1 : -1);
        else this.ask();
      } else if (event.key === "Enter" && open && this.active >= 0) {
        event.preventDefault();
        this.take(this.active);
      } else if (event.key === "Escape" && open) {
        event.preventDefault();
        this.close();
      }
    }

    move(step) {
      const places = this.items.length + 1; // one of them is the text itself
      this.active = ((this.active + 1 + step + places) % places) - 1;
      [...this.list.children].forEach((option, index) => {
        option.setAttribute("aria-selected", String(index === this.active));
      });
      const option = this.list.children[this.active];
      if (option) {
        this.input.setAttribute("aria-activedescendant", option.id);
        option.scrollIntoView({ block: "nearest" });
      } else {
        this.input.removeAttribute("aria-activedescendant");
      }
    }

    take(index) {
      const item = this.items[index];
      this.input.value = item.name;
      this.value.value = item.slug;
      this.close();
      this.fill("country", item.country);
      this.fill("institution_kind", item.kind);
      this.value.dispatchEvent(new Event("change", { bubbles: true }));
    }

    fill(name, value) {
      const select = this.input.form.elements[name];
      if (value && select?.tagName === "SELECT" && !select.value) select.value = value;
    }

    close() {
      clearTimeout(this.timer);
      this.request?.abort();
      this.list.hidden = true;
      this.active = -1;
      this.input.setAttribute("aria-expanded", "false");
      this.input.removeAttribute("aria-activedescendant");
    }
  }

  const begin = (part) => {
    for (const frame of part.querySelectorAll("[data-suggest]:not([data-begun])")) {
      frame.dataset.begun = "yes";
      new Suggestions(frame);
    }
  };
  begin(document);
  document.addEventListener("htmx:load", (event) => begin(event.target));
})();
