import { expect, test } from "vitest";
import { deadLinks } from "./check-links.ts";

const files = new Map([
  ["README.md", "[a](docs/a.md#what-it-is) [b](docs/) [web](https://connectrpc.com) [here](#why)\n\n## Why\n"],
  ["docs/a.md", "# A\n\n## What `it` is!\n\n[up](../README.md#why) [code](../src/a.ts)"],
  ["src/a.ts", ""],
]);

test("links to files, folders and headings are alive, and those to the web are not looked at", () => {
  expect(deadLinks(files, ["README.md", "docs"])).toEqual([]);
});

test("a link to a file or a heading that is not there is dead", () => {
  const broken = new Map(files).set("docs/b.md", "[b](b.ts) [c](a.md#nothing)");
  expect(deadLinks(broken, ["README.md", "docs"])).toEqual([
    "docs/b.md: b.ts leads nowhere",
    "docs/b.md: a.md#nothing has no such heading",
  ]);
});

test("the README links to nothing that the npm package lacks", () => {
  expect(deadLinks(files, ["README.md"])).toEqual([
    "README.md: docs/a.md#what-it-is is not in the npm package",
    "README.md: docs/ is not in the npm package",
  ]);
});
