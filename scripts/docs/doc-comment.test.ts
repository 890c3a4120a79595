import { expect, test } from "vitest";
import { proseOf } from "./doc-comment.ts";

test("what stands in a doc comment is Markdown, its tags are a list, and its links are names", () => {
  const comment = "/**\n * Like {@link other}.\n *\n * Twice.\n *\n * @param nowMs when\n *   it is\n * @throws Error never\n */";
  expect(proseOf(`\n${comment}\nexport declare function one(nowMs: number): void;`)).toBe(
    "Like `other`.\n\nTwice.\n\n- `nowMs`: when\n  it is\n- **throws** Error never",
  );
});

test("a declaration without one says nothing", () => {
  expect(proseOf("export interface One {\n  /** Of a member. */\n  readonly a: string;\n}")).toBe("");
});
