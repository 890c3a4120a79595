import fc from "fast-check";
import { expect, test } from "vitest";
import type { Endpoint } from "../../endpoint.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import { Roster } from "./roster.ts";

/** Several descriptions of each endpoint. */
const pool = Array.from({ length: 24 }, (_, index) => testEndpoint({ id: `e${index % 8}`, weight: 1 + (index >> 3) }));
/** Mostly of each endpoint one, as it should be. */
const list = fc.oneof(
  { weight: 3, arbitrary: fc.uniqueArray(fc.constantFrom(...pool), { selector: ({ id }) => id }) },
  { weight: 1, arbitrary: fc.array(fc.constantFrom(...pool), { maxLength: 10 }) },
);

test("lists the endpoints of the last set, by id the last one, and tells what has changed since the one before", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ list, isInPlace: fc.boolean() }), { maxLength: 12 }), (updates) => {
      const roster = new Roster();
      let before = new Map<string, Endpoint>();
      let last: Endpoint[] = [];
      for (const { list, isInPlace } of updates) {
        // Who changes a list that was given is wrong, and gets what the list says all the same.
        if (isInPlace) last.splice(0, last.length, ...list);
        else last = [...list];
        const { added, removed, altered, touched } = roster.update(last, 0);
        const now = new Map(last.map((endpoint) => [endpoint.id, endpoint]));
        const members = [...roster.members()];
        expect(new Map(members.map(({ endpoint }) => [endpoint.id, endpoint]))).toEqual(now);
        expect(new Set(added.map(({ endpoint }) => endpoint.id))).toEqual(new Set([...now.keys()].filter((id) => !before.has(id))));
        expect(new Set(removed.map(({ endpoint }) => endpoint.id))).toEqual(new Set([...before.keys()].filter((id) => !now.has(id))));
        const isOther = ({ endpoint: { id } }: (typeof members)[number]) => before.get(id) !== now.get(id);
        expect(touched).toEqual(members.filter(isOther));
        expect(new Set(altered)).toEqual(new Set(members.filter((member) => isOther(member) && before.has(member.endpoint.id))));
        before = now;
      }
    }),
  );
});
