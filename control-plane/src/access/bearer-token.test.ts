import { expect, test } from "vitest";
import { bearerToken } from "./bearer-token.ts";

const tokenOf = (authorization?: string) => bearerToken(new Headers(authorization === undefined ? {} : { authorization }));

test("a token is what follows Bearer, in any case", () => {
  expect(tokenOf("Bearer a.b-c_d.e~+/=")).toBe("a.b-c_d.e~+/=");
  expect(tokenOf("bearer  x")).toBe("x");
  expect(tokenOf()).toBeUndefined();
});

test.each(["", "Bearer", "Bearer ", "Basic eDp5", "Bearer a b", "Bearer a,Bearer b", "a.b.c", `Bearer ${"x".repeat(16_385)}`])(
  "anything else is refused, and not repeated: %s",
  (authorization) => {
    expect(() => tokenOf(authorization)).toThrow(/^Authorization: expected Bearer and one token$/);
  },
);
