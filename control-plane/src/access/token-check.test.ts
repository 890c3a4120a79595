import { manualClock } from "meshless/testing";
import { expect, test } from "vitest";
import { testToken } from "../../../test/support/test-token.ts";
import { TokenCheck } from "./token-check.ts";
import type { TokenVerdict } from "./token-reviewer.ts";

const cart = "system:serviceaccount:shop:cart";

/** A check whose reviewer answers what `answer` says, at the time of day that the clock shows. */
function checking(answer: () => TokenVerdict | Promise<TokenVerdict> = () => ({ username: cart })) {
  const clock = manualClock();
  const told: string[] = [];
  const asked: string[] = [];
  const check = new TokenCheck({
    reviewer: {
      async review(token) {
        asked.push(token);
        return answer();
      },
    },
    audience: "plane",
    clock,
    today: () => clock.now(),
    observer: { reviewed: (result) => told.push(result), trouble: (error) => told.push(error?.message ?? "well again") },
  });
  const token = (name = "a", seconds = 3_600) => testToken({ aud: ["plane"], exp: clock.now() / 1_000 + seconds, name });
  const identify = (token: string, address = "10.0.0.1") => check.identify(token, address);
  return { clock, told, asked, check, token, identify };
}

test("a good token names its ServiceAccount, for as long as it is valid", async () => {
  const { identify, token, told } = checking();
  expect(await identify(token())).toEqual({ name: cart, validForMs: 3_600_000 });
  expect(told).toEqual(["accepted"]);
});

test("a token is asked about once a minute, by however many streams at once", async () => {
  const { identify, token, asked, clock, check } = checking();
  const one = token();
  await Promise.all([identify(one), identify(one), identify(one, "10.0.0.2")]);
  clock.advance(59_999);
  expect(await identify(one)).toEqual({ name: cart, validForMs: 3_600_000 - 59_999 });
  expect(asked).toHaveLength(1);
  clock.advance(1);
  await identify(one);
  expect(asked).toHaveLength(2);
  expect(check.remembered).toBe(1);
});

test.each([
  ["x", "malformed", /expected the token of a ServiceAccount/],
  ["x.y.z", "malformed", /expected the token/],
  [testToken({ aud: ["plane"] }), "malformed", /expected the token/],
  [testToken({ aud: ["plane"], exp: "soon" }), "malformed", /expected the token/],
  [testToken(null), "malformed", /expected the token/],
  [testToken({ aud: "https://kubernetes.default.svc", exp: 9e9 }), "other audience", /project one with audience plane$/],
  [testToken({ exp: 9e9 }), "other audience", /another audience/],
  [testToken({ aud: "plane", exp: 0 }), "expired", /expired at 1970-01-01T00:00:00.000Z: read its file again/],
])("what can't be good is refused without a question: %#", async (token, reason, message) => {
  const { identify, asked } = checking();
  await expect(identify(token)).rejects.toMatchObject({ reason, message: expect.stringMatching(message) });
  expect(asked).toEqual([]);
});

test("a token that expires while it is remembered is refused", async () => {
  const { identify, token, clock } = checking();
  const short = token("a", 30);
  await identify(short);
  clock.advance(30_000);
  await expect(identify(short)).rejects.toMatchObject({ reason: "expired" });
});

test("a token that is refused is asked about again after 10 s: its account may have been made just now", async () => {
  let verdict: TokenVerdict = { problem: "no such account" };
  const { identify, token, asked, clock } = checking(() => verdict);
  const one = token();
  for (let time = 0; time < 3; time++) await expect(identify(one)).rejects.toThrow(/^the token is refused: no such account$/);
  expect(asked).toHaveLength(1);
  verdict = { username: cart };
  clock.advance(10_000);
  expect(await identify(one)).toMatchObject({ name: cart });
});

test.each(["admin", "system:node:a", "system:serviceaccount:shop", ""])(
  "a user that is no ServiceAccount is refused: %j",
  async (username) => {
    const { identify, token } = checking(() => ({ username }));
    await expect(identify(token())).rejects.toMatchObject({ reason: "no service account" });
  },
);

test("while nobody can be asked, a known token is good for its minute, others are not let in, and nothing is remembered of that", async () => {
  let isAway = false;
  const { identify, token, told, clock } = checking(() => {
    if (isAway) throw new Error("connection refused");
    return { username: cart };
  });
  const known = token("known");
  await identify(known);
  isAway = true;
  await identify(known);
  for (const name of ["other", "another"]) {
    await expect(identify(token(name))).rejects.toMatchObject({ reason: "can't be checked", message: /can't be checked now/ });
  }
  clock.advance(60_000);
  await expect(identify(known)).rejects.toMatchObject({ reason: "can't be checked" });
  isAway = false;
  await identify(known);
  expect(told).toEqual(["accepted", "failed", "connection refused", "failed", "failed", "accepted", "well again"]);
});

test("an answer that does not come within 5 s is none", async () => {
  const { identify, token, clock, told } = checking(() => new Promise(() => {}));
  const waiting = identify(token());
  const outcome = expect(waiting).rejects.toMatchObject({ reason: "can't be checked" });
  await Promise.resolve();
  clock.advance(5_000);
  await outcome;
  expect(told).toEqual(["failed", "no answer within 5 s"]);
});

test("an address that shows ten bad tokens has to wait, but for tokens that are known; others do not", async () => {
  const { identify, token, asked, clock } = checking(() => (asked.at(-1) === good ? { username: cart } : { problem: "forged" }));
  const good = token("good");
  await identify(good);
  for (let time = 0; time < 10; time++) await expect(identify(token(`bad ${time}`))).rejects.toMatchObject({ reason: "refused" });
  await expect(identify(token("one more"))).rejects.toMatchObject({ reason: "too many failures" });
  expect(asked).toHaveLength(11);
  await identify(good);
  await expect(identify(token("one more"), "10.0.0.2")).rejects.toMatchObject({ reason: "refused" });
  clock.advance(1_000);
  await expect(identify(token("later"))).rejects.toMatchObject({ reason: "refused" });
});

test("32 questions are under way at once, and the others wait", async () => {
  const answers: (() => void)[] = [];
  const { identify, token, asked } = checking(() => new Promise((resolve) => answers.push(() => resolve({ username: cart }))));
  const waiting = Array.from({ length: 100 }, (_, index) => identify(token(`${index}`)));
  await Promise.resolve();
  expect(asked).toHaveLength(32);
  for (let left = 100; left > 0; left--) {
    answers.shift()?.();
    await new Promise(setImmediate);
  }
  expect(await Promise.all(waiting)).toHaveLength(100);
  expect(asked).toHaveLength(100);
});
