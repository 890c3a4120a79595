import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "vitepress";
import { pagesOf, troubleWith } from "./docs/check-site.ts";

const folder = "site/dist";

const { values } = parseArgs({ options: { base: { type: "string", default: "/" } } });
await build("site", { ...values });
const pages = pagesOf(folder);
const trouble = troubleWith(pages, values.base, (path) => existsSync(join(folder, path)));
for (const line of trouble) console.error(line);
console.log(`docs: ${pages.size} pages in ${folder}, ${trouble.length} dead links`);
process.exitCode = trouble.length > 0 || pages.size === 0 ? 1 : 0;
