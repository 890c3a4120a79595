import type { ContenderName } from "./contenders.ts";

/** What a call asks of a server. `timer` leaves the CPU alone, `cpu` keeps it busy, `slot` waits for the one core that the server has. */
export interface Work {
  readonly kind: "timer" | "cpu" | "slot";
  readonly ms: number;
}

/** How the wrong server answers: with a Connect error before its handler, or with an HTML page, as a proxy in front of it would. */
export type WrongAnswer = (typeof wrongAnswers)[number];

export const wrongAnswers = [
  "permission_denied",
  "unauthenticated",
  "unimplemented",
  "not_found",
  "failed_precondition",
  "canceled",
  "403",
  "404",
] as const;

/** What is tried on a fleet, and so what it is judged by. */
export type Trial =
  /** Calls come as a Poisson process, whether or not earlier ones are answered. */
  | { readonly kind: "even" }
  /** The same, one weight a server; the servers work alike. */
  | { readonly kind: "weights"; readonly weights: readonly number[] }
  /** One call after the other. */
  | { readonly kind: "sequential"; readonly pauseMs: number }
  /** The last server answers at once, and wrongly. */
  | { readonly kind: "wrong"; readonly answer: WrongAnswer }
  /** All servers but the first leave at `atMs`, and as many new ones come. What comes before `calmFromMs` is not judged. */
  | { readonly kind: "replaced"; readonly calmFromMs: number; readonly atMs: number };

/** A fleet of real processes, its load, and who is compared on it: plain data. */
export interface Cell {
  readonly name: string;
  readonly trial: Trial;
  /** How many a client knows at a time. */
  readonly servers: number;
  /** Processes, each with a balancer of its own and an equal part of the calls. */
  readonly clients: number;
  /** Of all clients together. */
  readonly callsPerSecond: number;
  /** Of all clients together, in the whole cell. */
  readonly calls: number;
  readonly work: Work;
  /** Whether servers report their health with their answers. */
  readonly reports: boolean;
  readonly contenders: readonly ContenderName[];
}

/** How many server processes the cell starts: those that come later stand by from the start, listening. */
export function processesOf({ trial, servers }: Cell): number {
  return trial.kind === "replaced" ? 2 * servers - 1 : servers;
}

/** The servers, by their index, that a fair balancer treats alike: it is their shares that are compared. */
export function alikeIn({ trial, servers }: Cell): readonly number[] {
  const all = Array.from({ length: servers }, (_, index) => index);
  if (trial.kind === "wrong") return all.slice(0, -1);
  // The newcomers: the others were there for a part of the time only, or for all of it.
  return trial.kind === "replaced" ? all.slice(1).map((index) => index + servers - 1) : all;
}

export function weightsOf({ trial, servers }: Cell): readonly number[] {
  return trial.kind === "weights" ? trial.weights : Array.from({ length: servers }, () => 1);
}
