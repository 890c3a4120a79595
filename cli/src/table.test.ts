import { stripVTControlCharacters, styleText } from "node:util";
import { expect, test } from "vitest";
import { type Column, cut, tableText } from "./table.ts";

interface Row {
  readonly id: string;
  readonly share: string;
  readonly why: string;
}

const rows: readonly Row[] = [
  { id: "checkout-1", share: "9.1 %", why: "eligible" },
  { id: "checkout-12", share: "12 %", why: "ejected after 5 failures in a row, probed in 3.1 s" },
];

const red = (text: string) => styleText("red", text, { validateStream: false });

const columns: readonly Column<Row>[] = [
  { name: "ENDPOINT", cell: ({ id }) => id },
  { name: "ZONE", cell: () => "eu-central-1a", dispensable: 2 },
  { name: "SHARE", cell: ({ share }) => red(share), isRight: true },
  { name: "WHY", cell: ({ why }) => why, isElastic: true, dispensable: 1 },
];

const tableOf = (width: number) => tableText(columns, rows, width).map(stripVTControlCharacters);

test("columns are as wide as their widest cell, figures stand to the right", () => {
  expect(tableOf(100)).toEqual([
    "ENDPOINT     ZONE           SHARE  WHY",
    "checkout-1   eu-central-1a  9.1 %  eligible",
    "checkout-12  eu-central-1a   12 %  ejected after 5 failures in a row, probed in 3.1 s",
  ]);
});

test("the narrower the terminal, the fewer columns", () => {
  expect(tableOf(60)[2]).toBe("checkout-12  eu-central-1a   12 %  ejected after 5 failures…");
  expect(tableOf(50)[2]).toBe("checkout-12   12 %  ejected after 5 failures in a…");
  expect(tableOf(20)[2]).toBe("checkout-12   12 %");
});

test("no line is longer than the terminal is wide, whatever the width", () => {
  for (let width = 5; width < 120; width++) for (const line of tableOf(width)) expect(line.length).toBeLessThanOrEqual(width);
});

test("a cell of several lines is one", () => {
  expect(tableText([{ name: "A", cell: () => "one\n\ttwo\r\nthree" }], [1], 50)).toEqual(["A", "one two three"]);
});

test("what is cut keeps its colours, and ends them", () => {
  const text = cut(`${red("eject")}ed for long`, 8);
  expect(stripVTControlCharacters(text)).toBe("ejected…");
  expect(text.startsWith(red("eject"))).toBe(true);
  expect(cut(red("ejected for long"), 8).endsWith("\x1b[39m…")).toBe(true);
});
