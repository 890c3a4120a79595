import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { stepsOf, Tutorial } from "./tutorial.ts";

const page = `# A page

## First

\`\`\`sh
mkdir ten-minutes
\`\`\`

A file, in \`proto/a.txt\`:

\`\`\`proto
b
\`\`\`

In another terminal:

\`\`\`sh
cat proto/a.txt; exec sleep 60
\`\`\`

\`\`\`text
b
\`\`\`

## Second

\`\`\`sh
no
\`\`\`
`;

test("the steps of a page are what a reader would do, and no more than one section", () => {
  expect(stepsOf(page, "First")).toEqual([
    { kind: "run", text: "mkdir ten-minutes\n" },
    { kind: "write", file: "proto/a.txt", text: "b\n" },
    { kind: "start", text: "cat proto/a.txt; exec sleep 60\n" },
    { kind: "see", text: "b" },
  ]);
  expect(() => stepsOf(page, "Third")).toThrow(/no section "Third"/);
});

test("a page is followed until a step fails", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tutorial-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await using tutorial = new Tutorial(folder, {});
  await tutorial.follow(stepsOf(page, "First"));
  await expect(tutorial.follow(stepsOf(page, "Second"))).rejects.toThrow(/ended with 127: no/);
});
