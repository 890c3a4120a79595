import type { Command } from "./command.ts";
import type { CallSpec } from "./system.ts";

/** A life that broke a rule once, as fast-check cut it down. Kept as commands, since a seed means another life when the commands change. */
export interface Regression {
  readonly why: string;
  readonly commands: readonly Command[];
}

const list = (...indices: number[]): Command => ({ type: "list", indices, isMoved: false });
const accept = (limit: number): Command => ({ type: "acceptAll", limit });
const wait = (ms: number): Command => ({ type: "wait", ms });
const call = (spec: Partial<CallSpec> = {}): Command => ({
  type: "call",
  idempotent: false,
  isStream: false,
  gated: false,
  stopsEarly: false,
  ...spec,
});
const first = <T extends Command["type"]>(type: T) => ({ type, pick: 0 }) as const;

export const regressions: readonly Regression[] = [
  {
    why: "a stream was opened on a session that had left since its place was taken",
    commands: [list(0), call({ gated: true }), accept(1), { ...first("goaway"), code: 0, spared: Infinity, debugData: "" }, first("go")],
  },
  {
    why: "a stream was opened beyond a limit that was lowered since its place was taken",
    commands: [list(0), call({ gated: true }), accept(1), { ...first("settings"), limit: 0 }, first("go")],
  },
  {
    why: "streams were opened on a session that Node.js had destroyed and not told of yet",
    commands: [list(0), accept(1), { type: "atOnce", commands: [first("breakProtocol"), call(), call()] }],
  },
  {
    why: "a server that broke the protocol was dialled again without a pause, for the call in line behind it",
    commands: [list(0), accept(1), { type: "atOnce", commands: [first("breakProtocol"), call()] }],
  },
  {
    why: "an attempt that had failed on our own side opened its stream all the same, which nobody counted",
    commands: [list(0), accept(1), call({ gated: true }), first("fault"), first("go")],
  },
  {
    why: "an attempt that failed on our own side before the headers left its stream running",
    commands: [list(0, 1), accept(1), call({ idempotent: true }), first("fault")],
  },
  {
    why: "a fault of our own was blamed on the endpoint, and the call made again",
    commands: [list(0, 1), accept(1), call({ idempotent: true }), { type: "atOnce", commands: [first("fault"), first("answer")] }],
  },
  {
    why: "an endpoint that had answered, with a limit of no streams, counted as unreachable",
    commands: [list(0), accept(0), { ...first("goaway"), code: 11, spared: Infinity, debugData: "" }],
  },
  {
    why: "the idle timer span on what rounding left over",
    commands: [
      list(1, 2),
      call({ idempotent: true, gated: true }),
      call({ idempotent: true, isStream: true }),
      call({ idempotent: true, isStream: true, gated: true }),
      accept(100),
      call(),
      wait(900_000),
      accept(2),
      wait(900_000),
    ],
  },
  {
    why: "the ping timer of a session that ended at its ping went on",
    commands: [list(0), accept(1), { type: "atOnce", commands: [first("breakProtocol"), wait(900_000), call({ gated: true })] }],
  },
  {
    why: "a call was said to be made again wrongly, though GOAWAY came with its reset and disowned it",
    commands: [
      list(1),
      call(),
      accept(1),
      {
        type: "atOnce",
        commands: [
          { ...first("reset"), code: 9 },
          { ...first("goaway"), code: 0, spared: 0, debugData: "" },
        ],
      },
      accept(1),
    ],
  },
];
