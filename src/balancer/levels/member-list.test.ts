import { expect, test } from "vitest";
import { notedChange } from "../../list-change.ts";
import type { Member } from "../member.ts";
import { MemberList } from "./member-list.ts";

const [a, b, c] = [0, 1, 2].map((slot) => ({ slot }) as Member) as [Member, Member, Member];

/** What a list of a and b has noted of the next one. */
function notedAfter(change: (list: MemberList) => void) {
  const list = new MemberList();
  list.add(a);
  list.add(b);
  const before = list.members;
  change(list);
  return notedChange(before, list.members);
}

test("who came and who is gone is noted", () => {
  const noted = notedAfter((list) => {
    list.delete(a);
    list.add(c);
  });
  expect(noted).toEqual({ came: [c], gone: [a] });
});

test("where one of them is not what it was, nothing is noted: who goes by what is noted would not look at it", () => {
  const noted = notedAfter((list) => {
    list.alter();
    list.add(c);
  });
  expect(noted).toBeUndefined();
});
