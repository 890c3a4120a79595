import fc from "fast-check";
import { expect, test } from "vitest";
import { noteChange } from "../../list-change.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import type { Member } from "../member.ts";
import { OwnCalls } from "./own-calls.ts";

function membersOf(...members: readonly { readonly weight: number; readonly inFlight: number }[]): readonly Member[] {
  return members.map(
    ({ weight, inFlight }, slot) => ({ slot, endpoint: testEndpoint({ id: `${slot}`, weight }), inFlight }) as Partial<Member> as Member,
  );
}

test("nobody is there: no calls", () => {
  const own = new OwnCalls();
  own.membership([]);
  own.count(1);
  expect(own.mean).toBe(0);
  expect(Number.isFinite(own.meanWeight)).toBe(true);
});

test("the mean is by weight, and follows calls that begin and end", () => {
  const own = new OwnCalls();
  own.membership(membersOf({ weight: 1, inFlight: 2 }, { weight: 3, inFlight: 6 }));
  expect([own.mean, own.meanWeight]).toEqual([2, 2]);
  own.count(4);
  expect(own.mean).toBe(3);
  own.count(-4);
  expect(own.mean).toBe(2);
});

test("calls to members that left do not count on", () => {
  const own = new OwnCalls();
  own.membership(membersOf({ weight: 1, inFlight: 0 }, { weight: 1, inFlight: 0 }));
  own.count(10);
  own.membership(membersOf({ weight: 1, inFlight: 4 }));
  expect(own.mean).toBe(4);
});

test("by what has changed or all anew, it comes to the same", () => {
  const whole = fc.integer({ min: 1, max: 5 });
  const step = fc.record({
    gone: fc.nat(99),
    came: fc.array(fc.record({ weight: whole, inFlight: whole }), { maxLength: 2 }),
    begun: fc.nat(99),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const own = new OwnCalls();
      let members = membersOf(...Array.from({ length: 80 }, (_, index) => ({ weight: 1 + (index % 3), inFlight: index % 5 })));
      own.membership(members);
      for (const { gone, came, begun } of steps) {
        const leaving = members.slice(gone % members.length).slice(0, 1);
        const coming = membersOf(...came);
        const next = [...members.filter((member) => !leaving.includes(member)), ...coming];
        noteChange(members, next, { came: coming, gone: leaving });
        members = next;
        own.membership(members);
        const busy = members[begun % members.length] as { inFlight: number };
        busy.inFlight += 1;
        own.count(1);
        const anew = new OwnCalls();
        anew.membership(members);
        expect([own.mean, own.meanWeight, own.members]).toEqual([anew.mean, anew.meanWeight, anew.members]);
      }
    }),
    { seed: 7, numRuns: 200 },
  );
});
