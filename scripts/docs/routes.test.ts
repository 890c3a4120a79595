import { expect, test } from "vitest";
import { hrefOf, pageOf } from "./routes.ts";

test("pages of docs are at the root, and a README opens its folder", () => {
  expect(["README.md", "docs/tls.md", "docs/decisions/README.md", "simulator/README.md", "site/index.md"].map(pageOf)).toEqual([
    "guide.md",
    "tls.md",
    "decisions/index.md",
    "simulator/index.md",
    "index.md",
  ]);
});

test("a link to Markdown leads to its page, a link to a folder to its README, and any other to a page with the file", () => {
  const links = ["../README.md#the-client", "tls.md", "decisions/", "../src/clock.ts"];
  expect(links.map((link) => hrefOf(link, "docs/xds.md"))).toEqual([
    "/guide.md#the-client",
    "/tls.md",
    "/decisions/index.md",
    "/source/src/clock.ts.md",
  ]);
});
