import fc from "fast-check";
import { expect, test } from "vitest";
import { hasRoom, nextPhase, type SessionEvent, type SessionPhase } from "./session-state.ts";

const events: SessionEvent[] = ["settings", "goaway", "retire", "drained", "lost"];
const walk = (path: readonly SessionEvent[]): SessionPhase[] => {
  let phase: SessionPhase = "connecting";
  return path.map((event) => {
    phase = nextPhase(phase, event);
    return phase;
  });
};

test("an undisturbed session opens, drains and closes", () => {
  expect(walk(["settings", "goaway", "drained"])).toEqual(["open", "draining", "closed"]);
});

test("a session retired before it opened closes at once", () => {
  expect(walk(["retire"])).toEqual(["closed"]);
});

test("an event without meaning leaves the phase as it is", () => {
  expect(walk(["drained", "settings", "settings", "drained"])).toEqual(["connecting", "open", "open", "open"]);
});

test("nothing leads back: no order of events reopens a session that was leaving", () => {
  const order: SessionPhase[] = ["connecting", "open", "draining", "closed"];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...events), { maxLength: 12 }), (path) => {
      const ranks = walk(path).map((phase) => order.indexOf(phase));
      expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
    }),
  );
});

test("a lost connection closes a session in any phase", () => {
  for (const phase of ["connecting", "open", "draining", "closed"] as const) expect(nextPhase(phase, "lost")).toBe("closed");
});

test("there is room only while open, and below the peer's limit", () => {
  expect(hasRoom("open", 9, 10)).toBe(true);
  expect(hasRoom("open", 10, 10)).toBe(false);
  expect(hasRoom("connecting", 0, 10)).toBe(false);
  expect(hasRoom("draining", 0, 10)).toBe(false);
});
