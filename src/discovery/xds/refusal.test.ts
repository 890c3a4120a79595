import { expect, it } from "vitest";
import { refusalText } from "./refusal.ts";

it("tells which resources are refused and why", () => {
  const refused = [
    { name: "a", problems: ["is too big"] },
    { name: undefined, problems: ["can't be read", "is odd"] },
  ];
  expect(refusalText(refused, 5, "7")).toBe(
    `2 of 5 resources in version "7" are refused, the last good ones stay in use: "a": is too big, one without a name: can't be read; is odd`,
  );
});

it("stays short, whatever was refused, and says what it left out", () => {
  const refused = Array.from({ length: 1_000 }, (_, index) => ({ name: `${index}`, problems: ["w", "x", "y", "z"] }));
  expect(refusalText(refused, 1_000, "7")).toContain(`"4": w; x; y; and 1 more, and 995 more resources`);
  expect(refusalText([{ name: "n".repeat(10_000), problems: ["p".repeat(10_000)] }], 1, "v".repeat(10_000)).length).toBeLessThan(2_100);
});
