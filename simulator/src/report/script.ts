/**
 * What the page does, all of it: pointing at a name, a line or a row picks that policy out within its cell; a click on a name in the legend keeps
 * it picked out. Without scripts, the page lacks nothing else.
 */
export const SCRIPT = `
const light = (cell, who) => {
  if (who) cell.dataset.lit = who; else delete cell.dataset.lit;
  for (const part of cell.querySelectorAll("[data-who]")) part.classList.toggle("lit", part.dataset.who === who);
};
for (const cell of document.querySelectorAll(".cell")) {
  let kept;
  const whoAt = (event) => event.target.closest("[data-who]")?.dataset.who;
  cell.addEventListener("mouseover", (event) => light(cell, whoAt(event) ?? kept));
  cell.addEventListener("mouseleave", () => light(cell, kept));
  cell.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    kept = kept === button.dataset.who ? undefined : button.dataset.who;
    for (const other of cell.querySelectorAll("button")) other.setAttribute("aria-pressed", String(other.dataset.who === kept));
    light(cell, kept);
  });
}
`;
