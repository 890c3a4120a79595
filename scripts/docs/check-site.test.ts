import { expect, test } from "vitest";
import { troubleWith } from "./check-site.ts";

const pages = new Map([
  ["index.html", '<a href="/docs/a.html#one">a</a> <a href="/docs/api/">api</a> <a href="https://connectrpc.com">web</a>'],
  ["a.html", '<h2 id="one">One</h2> <a href="#one">up</a> <img src="/docs/assets/a.jpg">'],
  ["api/index.html", '<a href="../a.html">a</a>'],
]);
const check = (more: Record<string, string>) =>
  troubleWith(new Map([...pages, ...Object.entries(more)]), "/docs/", (path) => path === "assets/a.jpg");

test("links to pages, ids and files of the site are alive, and those to the web are not followed", () => {
  expect(check({})).toEqual([]);
});

test("a link to a page, an id or a file that is not there is dead", () => {
  expect(check({ "b.html": '<a href="/docs/c.html"></a> <a href="a.html#two"></a> <img src="/docs/assets/b.jpg">' })).toEqual([
    "b.html: /docs/c.html leads nowhere",
    "b.html: a.html#two leads nowhere",
    "b.html: /docs/assets/b.jpg leads nowhere",
  ]);
});

test("a page loads nothing from elsewhere", () => {
  const font = '<link rel="stylesheet" href="https://fonts.example/inter.css">';
  expect(check({ "b.html": font })).toEqual(["b.html: loads https://fonts.example/inter.css from elsewhere"]);
});
