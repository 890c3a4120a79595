import { computed, signal } from "@preact/signals";
import type { PlaneSnapshot } from "../../../control-plane/src/admin/plane-snapshot.ts";
import { opened } from "../looking.ts";

/** The latest answer of the control plane. */
export const snapshot = signal<PlaneSnapshot | undefined>(undefined);
/** The service whose row is open: of it there is more to see. */
export const chosen = computed(() => opened.value);
/** What is known of it; undefined until it is. */
export const service = computed(() => (snapshot.value?.service?.name === chosen.value ? snapshot.value?.service : undefined));
