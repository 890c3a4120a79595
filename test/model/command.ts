import fc from "fast-check";
import { ResetCode } from "../../src/transport/sessions/reset-code.ts";
import type { CallSpec } from "./system.ts";

/** `pick` chooses among those there are when the command runs, round and round; with nobody there the command does nothing. */
interface Pick {
  readonly pick: number;
}

/** One thing that may happen to a client, from any side. */
export type Command =
  /** The source lists some of three endpoints; a moved one keeps its id and has another port. */
  | { readonly type: "list"; readonly indices: readonly number[]; readonly isMoved: boolean }
  /** Every connection under way is accepted, and told of the limit. */
  | { readonly type: "acceptAll"; readonly limit: number }
  | ({ readonly type: "accept" | "refuse" | "closeSocket" | "failSocket" | "breakProtocol" | "alert" | "answerPing" } & Pick)
  | ({ readonly type: "settings"; readonly limit: number } & Pick)
  /** `spared`: how many of the streams so far the last stream id covers; all of those to come with `Infinity`. */
  | ({ readonly type: "goaway"; readonly code: number; readonly spared: number; readonly debugData: string } & Pick)
  | ({ readonly type: "call" } & CallSpec)
  /** A held back attempt may go on; an attempt fails on our own side. */
  | ({ readonly type: "go" | "fault" } & Pick)
  | ({ readonly type: "cancel" | "deadline" } & Pick)
  | ({ readonly type: "headers" | "message" | "answer" | "errorAnswer" } & Pick)
  | ({ readonly type: "reset"; readonly code: number } & Pick)
  | { readonly type: "wait"; readonly ms: number }
  /** Before the client can react. */
  | { readonly type: "atOnce"; readonly commands: readonly Command[] }
  | { readonly type: "close" };

const pick = fc.nat(7);
const limit = fc.constantFrom(1, 2, 3, 100, 0);
const code = fc.constantFrom(...Object.values(ResetCode));
const spared = fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.nat(4));
const rarely = fc.nat(5).map((n) => n === 0);
const of = <T extends string>(...types: T[]) => fc.record({ type: fc.constantFrom(...types), pick });

const endpoints = fc.record({ type: fc.constant("list" as const), indices: fc.subarray([0, 1, 2]), isMoved: rarely });
const call = fc.record({
  type: fc.constant("call" as const),
  idempotent: fc.boolean(),
  isStream: fc.boolean(),
  gated: rarely,
  stopsEarly: rarely,
});
const wait = fc.record({
  type: fc.constant("wait" as const),
  ms: fc.constantFrom(1, 200, 700, 5_001, 10_001, 30_000, 61_000, 300_000, 900_000),
});
const goaway = fc.oneof(
  fc.record({ type: fc.constant("goaway" as const), pick, code: fc.constant(0), spared, debugData: fc.constant("") }),
  fc.record({ type: fc.constant("goaway" as const), pick, code, spared, debugData: fc.constantFrom("", "too_many_pings") }),
);

/** Calls and answers often, faults of every kind now and then. */
const single: fc.Arbitrary<Command> = fc.oneof(
  { weight: 8, arbitrary: call },
  { weight: 6, arbitrary: of("headers", "message", "answer", "answer", "errorAnswer") },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("acceptAll" as const), limit }) },
  { weight: 2, arbitrary: of("go", "go", "fault") },
  { weight: 2, arbitrary: of("cancel", "deadline") },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("reset" as const), pick, code }) },
  { weight: 2, arbitrary: goaway },
  { weight: 2, arbitrary: wait },
  { weight: 2, arbitrary: of("accept", "refuse", "closeSocket", "failSocket", "breakProtocol", "alert", "answerPing") },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("settings" as const), pick, limit }) },
  { weight: 1, arbitrary: endpoints },
);

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 12, arbitrary: single },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("atOnce" as const), commands: fc.array(single, { minLength: 2, maxLength: 3 }) }) },
);

const close = fc.constant<Command>({ type: "close" });

/** A life of a client: most begin with endpoints, some are closed while things are under way. */
export const commands: fc.Arbitrary<readonly Command[]> = fc
  .tuple(
    fc.option(endpoints, { freq: 20 }),
    fc.array(command, { maxLength: 40, size: "max" }),
    fc.option(close),
    fc.array(command, { maxLength: 5 }),
  )
  .map(([first, middle, end, after]) => [...(first ? [first] : []), ...middle, ...(end ? [end, ...after] : [])]);
