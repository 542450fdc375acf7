/* Beside each time in the event's zone, the same instant on the reader's own clock. */
(() => {
  "use strict";
  const language = document.documentElement.lang || "en";
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const day = { year: "numeric", month: "long", day: "numeric" };
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const written = (moment, zone, parts) =>
    new Intl.DateTimeFormat(language, { ...parts, timeZone: zone }).format(moment);

  const fill = (span) => {
    const time = span.parentElement?.querySelector("time[data-zone]");
    const moment = new Date(time?.dateTime ?? "");
    if (!own || Number.isNaN(moment.getTime())) return;
    const zone = time.dataset.zone;
    const both = { ...day, ...clock };
    if (written(moment, zone, both) === written(moment, own, both)) return;
    const sameDay = written(moment, zone, day) === written(moment, own, day);
    const text = written(moment, own, sameDay ? clock : both);
    span.textContent = span.dataset.template.replace("{time}", text);
    span.hidden = false;
  };
  const fillAll = (part) => part.querySelectorAll("[data-reader-time]").forEach(fill);

  fillAll(document);
  document.addEventListener("htmx:load", (event) => fillAll(event.target));
})();
