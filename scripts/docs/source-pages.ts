import { globSync, readFileSync } from "node:fs";
import { extname, posix } from "node:path";
import { linksOf } from "../check-links.ts";
import { isPicture } from "./routes.ts";

/** A page for each file that is not Markdown and that some Markdown links to: its path, and what the page says. */
export function sourcePages(): ReadonlyMap<string, string> {
  const linked = globSync("**/*.md", { exclude: ["**/node_modules", "**/dist"] }).flatMap((file) =>
    linksOf(readFileSync(file, "utf8")).map((link) => posix.join(posix.dirname(file), link.split("#")[0] ?? "")),
  );
  const files = new Set(linked.filter((file) => !isPicture(file) && extname(file) !== "" && extname(file) !== ".md"));
  return new Map([...files].sort().map((file) => [file, pageOfSource(file)]));
}

function pageOfSource(file: string): string {
  return `# ${posix.basename(file)}\n\n\`${file}\`\n\n\`\`\`\`${extname(file).slice(1)}\n${readFileSync(file, "utf8")}\n\`\`\`\`\n`;
}
