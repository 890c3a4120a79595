import { globSync } from "node:fs";
import { expect, test } from "vitest";
import { sidebar } from "./sidebar.ts";

test("each page of docs has its place, and one that has none is an error that names the file", () => {
  const docs = globSync("docs/*.md");
  expect(sidebar([], docs).length).toBeGreaterThan(0);
  expect(() => sidebar([], [...docs, "docs/new.md"])).toThrow("has no place for docs/new.md");
});
