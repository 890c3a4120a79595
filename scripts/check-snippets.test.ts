import { expect, test } from "vitest";
import { checkSnippets, snippetsOf } from "./check-snippets.ts";

const markdown = (...blocks: readonly string[]) => blocks.map((code) => `Words.\n\n\`\`\`ts\n${code}\n\`\`\`\n`).join("\n");

test("a snippet is known by its line, and blocks of other languages are none", () => {
  expect(snippetsOf(`\`\`\`sh\nnpm test\n\`\`\`\n${markdown("one();", "two();")}`)).toEqual([
    { line: 7, code: "one();\n" },
    { line: 13, code: "two();\n" },
  ]);
});

test("what does not compile is told by its place in the Markdown file, and what does is not told", () => {
  const good = 'import { maglev } from "meshless/balancer";\nimport type { Policy } from "meshless";\n\nconst policy: Policy = maglev();';
  const bad = 'import { maglev } from "meshless/balancer";\n\nmaglev({ tableSiz: 7 });';
  const errors = checkSnippets({ "good.md": markdown(good), "docs/bad.md": markdown(bad) });
  expect(errors).toEqual([expect.stringMatching(/^docs\/bad\.md:6: error TS2561: .*'tableSiz'/)]);
});

test("a snippet sees the imports of those above it in its file, and no other names", () => {
  const files = {
    "one.md": markdown('import { maglev } from "meshless/balancer";\n\nconst policy = maglev();', "maglev();", "policy.name;"),
    "two.md": markdown("maglev();"),
  };
  const places = checkSnippets(files).map((error) => error.slice(0, error.indexOf(" ")));
  expect(places).toEqual(["one.md:18:", "two.md:4:"]);
}, 30_000);
