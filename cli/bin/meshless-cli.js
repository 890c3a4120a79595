#!/usr/bin/env node
// Stands in the repository, so that npx finds it in a clone as well, where nothing is compiled at first.
import { existsSync } from "node:fs";

const cli = new URL("../dist/cli.js", import.meta.url);
if (existsSync(cli)) await import(cli.href);
else {
  console.error("meshless-cli is not compiled yet: run `npm run build` first");
  process.exitCode = 2;
}
