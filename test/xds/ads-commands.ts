import fc from "fast-check";
import { propertyRuns } from "../support/property-runs.ts";
import type { Restart } from "./plane.ts";

/** `at`: which of the control planes; of two, there are twice as many numbers. */
export type AdsCommand =
  /** To reconsider is to unsubscribe and to subscribe again at once. */
  | { readonly type: "subscribe" | "unsubscribe" | "reconsider"; readonly kind: number; readonly names: readonly string[] }
  /** Undefined: it is deleted. */
  | { readonly type: "set"; readonly at: number; readonly kind: number; readonly name: string; readonly value: string | undefined }
  /** The next message in this direction arrives; the server says what it has to say. */
  | { readonly type: "toServer" | "toClient" | "respond"; readonly at: number }
  /** All of that, until both have said what they have to say at once. */
  | { readonly type: "exchange"; readonly at: number }
  /** The stream that the client waits for opens; a stream ends and what is under way is lost. */
  | { readonly type: "open" | "close"; readonly at: number }
  /** It can't be reached, and can again. */
  | { readonly type: "down" | "up"; readonly at: number }
  | { readonly type: "complete"; readonly at: number }
  | ({ readonly type: "restart"; readonly at: number } & Restart)
  | { readonly type: "wait"; readonly ms: number };

/** How many lives of a client a property test tries. */
export const numRuns = propertyRuns(1_000);

const names = ["a", "b"];
const kinds = [0, 1, 2];
const kind = fc.constantFrom(...kinds);
const at = fc.nat(1);
const variant = fc.constantFrom("delta" as const, "sotw" as const);

function oneOf<const Type extends string>(...types: Type[]) {
  return fc.record({ type: fc.constantFrom(...types), at });
}

/** Messages often, changes of mind and of a registry now and then, faults sometimes. */
const command: fc.Arbitrary<AdsCommand> = fc.oneof(
  { weight: 8, arbitrary: oneOf("toServer", "toClient", "respond", "open") },
  { weight: 6, arbitrary: oneOf("exchange") },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constantFrom("subscribe" as const, "unsubscribe" as const, "reconsider" as const),
      kind,
      names: fc.shuffledSubarray(names, { minLength: 1 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant("set" as const),
      at,
      kind,
      name: fc.constantFrom(...names),
      value: fc.constantFrom("1", "2", "bad", undefined),
    }),
  },
  { weight: 3, arbitrary: oneOf("close", "close", "down", "up", "up", "complete", "complete") },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("wait" as const), ms: fc.constantFrom(1, 1_000, 15_000, 60_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant("restart" as const), at, variant, window: fc.constantFrom(1, 3), isReplica: fc.boolean() }),
  },
);

const setAll = (at: number, name: string, value: string): readonly AdsCommand[] =>
  kinds.map((kind) => ({ type: "set", at, kind, name, value }));
const subscribeAll = (...names: readonly string[]): readonly AdsCommand[] => kinds.map((kind) => ({ type: "subscribe", kind, names }));
/** Until the variant is found, and all types are sent. */
const exchangeAll = (at: number): readonly AdsCommand[] => Array.from({ length: 4 }, () => ({ type: "exchange", at }));

/** The versions of the two are alike, and what they mean is not. */
const twoRegistries = [
  ...setAll(0, "a", "1"),
  ...setAll(0, "b", "bad"),
  ...setAll(1, "a", "2"),
  ...setAll(1, "b", "1"),
  ...setAll(1, "b", "2"),
];

/** What few lives would come to by chance: a response is under way; the second control plane is heard, or about to be, and the first is back. */
const beginnings: readonly (readonly AdsCommand[])[] = [
  [],
  [
    ...setAll(0, "a", "1"),
    ...setAll(0, "b", "1"),
    ...subscribeAll("a", "b"),
    ...exchangeAll(0),
    ...setAll(0, "b", "2"),
    { type: "respond", at: 0 },
  ],
  [...twoRegistries, { type: "down", at: 0 }, ...subscribeAll("a", "b"), { type: "open", at: 0 }, ...exchangeAll(1), { type: "up", at: 0 }],
  [
    ...twoRegistries,
    ...subscribeAll("a"),
    ...exchangeAll(0),
    { type: "down", at: 0 },
    { type: "wait", ms: 2_000 },
    { type: "open", at: 0 },
    { type: "subscribe", kind: 1, names: ["b"] },
    { type: "up", at: 0 },
    { type: "wait", ms: 1_000 },
  ],
];

/** What happens to a client in its life, and which of its control planes can't be reached in the end. */
export const life = fc.record({
  seed: fc.nat(),
  variant,
  commands: fc
    .tuple(fc.constantFrom(...beginnings), fc.array(command, { maxLength: 100, size: "max" }))
    .map(([beginning, commands]) => [...beginning, ...commands]),
  down: fc.constantFrom<readonly number[]>([], [], [0], [1]),
});
