"use strict";
// Search, filter and sort. Without scripts the page is complete and in rank order.
(() => {
  const table = document.getElementById("list");
  if (!table) return;
  const tools = document.getElementById("tools"), search = document.getElementById("q"), count = document.getElementById("count");
  const byType = document.getElementById("by-type"), byAction = document.getElementById("by-action"), none = document.getElementById("none");
  const bodies = [...table.tBodies], items = [...table.querySelectorAll("tr.item")];
  const texts = new Map(items.map((item) => [item, item.textContent.toLowerCase()]));
  tools.hidden = false;
  table.classList.add("sorted-by-js");

  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const item of items) {
      const fits = (!byType.value || item.dataset.type === byType.value) && (!byAction.value || item.dataset.action === byAction.value)
        && words.every((word) => texts.get(item).includes(word));
      item.hidden = !fits;
      shown += fits;
    }
    for (const body of bodies) body.hidden = !body.querySelector("tr.item:not([hidden])");
    count.textContent = count.dataset.text.replace("{n}", shown).replace("{total}", items.length);
    none.hidden = shown > 0;
  };

  const sort = (head) => {
    const key = head.dataset.sort, current = head.getAttribute("aria-sort");
    const down = current ? current === "ascending" : "down" in head.dataset;
    for (const other of table.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const text = key === "name" || key === "from";
    const compare = (a, b) => (text ? a.dataset[key].localeCompare(b.dataset[key]) : a.dataset[key] - b.dataset[key]) * (down ? -1 : 1)
      || a.dataset.rank - b.dataset.rank;
    for (const body of bodies) body.append(...[...body.querySelectorAll("tr.item")].sort(compare));
  };

  for (const head of table.querySelectorAll("th[data-sort]")) {
    // A span, not a button: browsers leave buttons out of the header they repeat on each printed page.
    const button = document.createElement("span");
    button.setAttribute("role", "button");
    button.tabIndex = 0;
    button.textContent = head.textContent;
    button.addEventListener("click", () => sort(head));
    button.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      sort(head);
    });
    head.replaceChildren(button);
  }
  for (const control of [search, byType, byAction]) control.addEventListener("input", filter);
  tools.addEventListener("submit", (event) => event.preventDefault());

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const one of closed) one.open = true;
  });
  addEventListener("afterprint", () => { for (const one of closed) one.open = false; });
  filter();
})();
