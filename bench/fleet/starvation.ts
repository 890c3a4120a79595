import type { Cell } from "./cell.ts";
import type { MachineLoad } from "./machine-meter.ts";

/** What a run took of the machine, and what else was going on there. */
export interface Load {
  readonly machine: MachineLoad;
  /** Share of all cores that our processes took, 0 to 1. */
  readonly ownShare: number;
  /** How late timers were, in the process where they were latest. */
  readonly clientDelayP99Ms: number;
  readonly serverDelayP99Ms: number;
}

const MAX_BUSY_SHARE = 0.9;
/** A process whose timers are later than this waits for the machine or for itself. Compiling a cold one takes half of it, alone on a machine. */
const MAX_DELAY_MS = 20;

/** Why a run shows how short of CPU it was rather than how its calls were balanced; empty: it was not short. */
export function starvation({ work }: Cell, { machine, clientDelayP99Ms, serverDelayP99Ms }: Load): readonly string[] {
  // Work that keeps the CPU makes timers as late as a few calls in a row take, by nature.
  const maxServerDelayMs = MAX_DELAY_MS + (work.kind === "cpu" ? 5 * work.ms : 0);
  return [
    ...(machine.busyShare > MAX_BUSY_SHARE ? [`the machine was ${(machine.busyShare * 100).toFixed(0)} % busy`] : []),
    ...(clientDelayP99Ms > MAX_DELAY_MS ? [`a client's timers were ${clientDelayP99Ms.toFixed(0)} ms late`] : []),
    ...(serverDelayP99Ms > maxServerDelayMs ? [`a server's timers were ${serverDelayP99Ms.toFixed(0)} ms late`] : []),
  ];
}
