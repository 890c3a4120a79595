import { signal } from "@preact/signals";

const darkness = matchMedia("(prefers-color-scheme: dark)");

/** As the system is set, until somebody changes it here. */
export const isDark = signal(darkness.matches);

darkness.addEventListener("change", ({ matches }) => {
  isDark.value = matches;
});

export function changeTheme(): void {
  isDark.value = !isDark.value;
  document.documentElement.style.colorScheme = isDark.value ? "dark" : "light";
}
