import { expect } from "vitest";
import type { Callers } from "./callers.ts";
import type { Shares } from "./constant-caller.ts";
import { backup, type Stage } from "./stage.ts";

/** A change, and what it has to come to for whoever calls. */
export interface Step {
  readonly name: string;
  readonly change: () => void | Promise<void>;
  readonly until: (share: Shares) => boolean;
  /** What a server has of the calls from then on, 0 to 1. */
  readonly share?: { readonly of: string; readonly is: number };
}

const both = (one: string, other: string) => (share: Shares) => share(one) > 0.3 && share(other) > 0.3;

/** A fleet that changes: endpoints are added, drained and removed, weights change, a zone is lost, a service comes and goes. */
export function updateScript(stage: Stage): readonly Step[] {
  const at = stage.at.bind(stage);
  const inB = at(2, { zone: "b", weight: 3 });
  return [
    { name: "two endpoints", change: () => stage.serve(at(0), at(1)), until: both("s0", "s1") },
    { name: "one is added", change: () => stage.serve(at(0), at(1), at(2)), until: (share) => share("s2") > 0.2 },
    {
      name: "one drains",
      change: () => stage.serve(at(0, { health: "draining" }), at(1), at(2)),
      until: (share) => share("s0") === 0,
    },
    { name: "it is removed", change: () => stage.serve(at(1), at(2)), until: both("s1", "s2") },
    { name: "its server ends", change: () => stage.kill(0), until: both("s1", "s2") },
    {
      name: "they have weights, in two zones",
      change: () => stage.serve(at(1, { zone: "a" }), inB),
      until: (share) => Math.abs(share("s2") - 0.75) < 0.1,
      share: { of: "s2", is: 0.75 },
    },
    { name: "a zone is lost", change: () => stage.serve(inB), until: (share) => share("s1") === 0 },
    {
      name: "the service is deleted and created again",
      change: async () => {
        await stage.delete();
        stage.serve(at(1), at(2));
      },
      until: both("s1", "s2"),
    },
    {
      name: "it may fall back",
      change: () => {
        stage.fallback = [backup];
        stage.serve(at(1), at(2));
      },
      until: both("s1", "s2"),
    },
    // Of endpoints that vanish together, a client may think that they were left out by mistake.
    {
      name: "its endpoints drain, and it falls back",
      change: () => stage.serve(at(1, { health: "draining" }), at(2, { health: "draining" })),
      until: (share) => share("s3") === 1,
    },
    { name: "they are removed", change: () => stage.serve(), until: (share) => share("s3") === 1 },
    { name: "they return", change: () => stage.serve(at(1), at(2)), until: both("s1", "s2") },
  ];
}

/** What may become of the control plane, each time with a change that it has to tell of afterwards. Servers live throughout. */
export function faultScript(stage: Stage, callers: Callers): readonly Step[] {
  const { site } = stage;
  const faults: Readonly<Record<string, (change: () => void) => Promise<void>>> = {
    async "the control plane is killed, and comes back without a fallback"(change) {
      await site.kill();
      stage.fallback = [];
      change();
      await callers.carryOn();
      await site.startAgain();
    },
    async "it is started before its registry is there"(change) {
      await site.kill();
      site.file.remove();
      await site.startAgain();
      await callers.carryOn();
      change();
    },
    async "it hangs"(change) {
      site.hang();
      change();
      await callers.carryOn();
      site.wake();
    },
    async "it moves to another port"(change) {
      change();
      await site.move();
    },
    async "a second replica takes its place"(change) {
      await site.handOver();
      change();
    },
  };
  return Object.entries(faults).map(([name, fault], index) => {
    const other = index % 2 === 0 ? 3 : 2;
    return { name, change: () => fault(() => stage.serve(stage.at(1), stage.at(other))), until: both("s1", `s${other}`) };
  });
}

/** Does one step after the other. What fails, or is in vain, is told with the step that it was in. */
export async function play(steps: readonly Step[], callers: Callers): Promise<void> {
  for (const { name, change, until, share } of steps) {
    callers.during = name;
    await change();
    await callers.until(until);
    if (share !== undefined) await expectShare(share, callers);
  }
}

/** Of each peer, within four standard deviations of what chance would make of it. */
async function expectShare({ of, is }: Exclude<Step["share"], undefined>, callers: Callers): Promise<void> {
  const answers = 1_000;
  const chance = 4 * Math.sqrt((is * (1 - is)) / answers);
  for (const [peer, share] of Object.entries(await callers.sharesOf(of, answers))) {
    expect(Math.abs(share - is), `${peer}: ${share} of the calls instead of ${is}`).toBeLessThan(chance);
  }
}
