import { expect, test } from "vitest";
import { html } from "./html.ts";

test("text is escaped, markup is not", () => {
  expect(html`<b title="${'"'}">${"a < b & c"}</b>${html`<i>${1}</i>`}`.markup).toBe('<b title="&quot;">a &lt; b &amp; c</b><i>1</i>');
});

test("parts of a list follow each other, and nothing leaves nothing", () => {
  expect(html`${[html`<br>`, "x", ["y"]]}${undefined}${false}${0}`.markup).toBe("<br>xy0");
});
