import { expect, test } from "vitest";
import { wrapped } from "./words.ts";

test("lines are as long as they may be, and broken between words", () => {
  expect(wrapped("a bc def ghij", 8, 2)).toBe("a bc def\n  ghij");
  expect(wrapped("a bc def ghij kl", 6, 2)).toBe("a bc\n  def\n  ghij\n  kl");
  expect(wrapped("a bc def", Number.POSITIVE_INFINITY, 2)).toBe("a bc def");
});

test("a word that is longer than a line stays whole", () => {
  expect(wrapped("a 0123456789 b", 5, 1)).toBe("a\n 0123456789\n b");
});
