import { signal } from "@preact/signals";

// How somebody looks at a page, whatever it shows.

/** Why there is no newer answer. */
export const silence = signal<string | undefined>(undefined);
export const isPaused = signal(false);
export const isHelpOpen = signal(false);
/** Of the first table. */
export const filter = signal("");
/** The row of the first table that is open. */
export const opened = signal<string | undefined>(undefined);
