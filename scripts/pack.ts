import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** Packs what `npm publish` would send of a package, from a `dist` that stands, and gives the path of the tarball in `folder`. */
export function pack(folder: string, from = "."): string {
  const output = execFileSync("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder], {
    cwd: from,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [{ filename }] = JSON.parse(output) as [{ filename: string }];
  return join(folder, filename);
}
