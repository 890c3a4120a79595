import type { ComponentChildren } from "preact";
import { isHelpOpen, isPaused, silence } from "./looking.ts";
import { changeTheme, isDark } from "./theme.ts";

/** The line above all. @param hasAnswer whether there has been any */
export function Top({ hasAnswer, children }: { readonly hasAnswer: boolean; readonly children: ComponentChildren }) {
  const isSilent = silence.value !== undefined;
  return (
    <header class="top">
      <h1>
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <path d="M4 10 16 4M4 10l12 6M4 10h12" />
          <circle cx="4" cy="10" r="3" />
          <circle cx="16" cy="4" r="2.4" />
          <circle cx="16" cy="10" r="2.4" />
          <circle cx="16" cy="16" r="2.4" />
        </svg>
        meshless
      </h1>
      {children}
      <p class={`pulse ${isPaused.value ? "info" : isSilent ? "bad" : "good"}`} role="status">
        {isPaused.value ? "paused" : isSilent ? "no answer" : hasAnswer ? "live" : "asking"}
      </p>
      <button type="button" onClick={() => (isPaused.value = !isPaused.value)} title="p">
        {isPaused.value ? "go on" : "pause"}
      </button>
      <button type="button" onClick={changeTheme} title="t" aria-label={isDark.value ? "light colours" : "dark colours"}>
        {isDark.value ? "☀" : "☾"}
      </button>
      <button type="button" onClick={() => (isHelpOpen.value = true)} title="?" aria-label="keys">
        ?
      </button>
    </header>
  );
}
