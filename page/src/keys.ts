import { filter, isHelpOpen, isPaused, opened } from "./looking.ts";
import { changeTheme } from "./theme.ts";

/** What keys do, for the help as well. */
export const keys: readonly (readonly [key: string, does: string])[] = [
  ["/", "filter the first table"],
  ["↑ ↓  j k", "from row to row"],
  ["Enter", "all that is known of what is in the row"],
  ["p", "pause and go on"],
  ["t", "dark or light"],
  ["Esc", "leave the filter, close what is open"],
  ["?", "this help"],
];

const actions: Readonly<Record<string, () => void>> = {
  "/": () => document.querySelector<HTMLInputElement>("input[type=search]")?.focus(),
  p: () => {
    isPaused.value = !isPaused.value;
  },
  t: changeTheme,
  "?": () => {
    isHelpOpen.value = !isHelpOpen.value;
  },
  j: () => moveBy(1),
  k: () => moveBy(-1),
  ArrowDown: () => moveBy(1),
  ArrowUp: () => moveBy(-1),
};

export function listenToKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return leaveAll();
    const action = actions[event.key];
    const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    const isScrolling = event.key.startsWith("Arrow") && rowOf(event.target) === undefined;
    if (action === undefined || isTyping || isScrolling || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  });
}

function leaveAll(): void {
  isHelpOpen.value = false;
  opened.value = undefined;
  filter.value = "";
  if (document.activeElement instanceof HTMLInputElement) document.activeElement.blur();
}

function rowOf(target: EventTarget | null): HTMLElement | undefined {
  return target instanceof HTMLElement ? (target.closest<HTMLElement>("tr[data-row]") ?? undefined) : undefined;
}

/** The next row, or the first where none has the focus. */
function moveBy(step: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>("tr[data-row]")];
  const current = rowOf(document.activeElement);
  const next = current === undefined ? rows[0] : rows[rows.indexOf(current) + step];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}
