import { computed, signal } from "@preact/signals";
import type { DebugSnapshot } from "../../src/debug/debug-snapshot.ts";
import { opened } from "./looking.ts";

/** The latest answer of the process. */
export const snapshot = signal<DebugSnapshot | undefined>(undefined);
/** Which transport is looked at. */
export const place = signal(0);
export const transport = computed(() => snapshot.value?.transport);

/** The endpoint that the pointer is on, or whose row is open: charts show it before all others. */
export const pointed = signal<string | undefined>(undefined);
export const inFocus = computed(() => pointed.value ?? opened.value);
