import { statSync } from "node:fs";
import { posix } from "node:path";

/** The page of a Markdown file of the project. Those of `docs` and `site` are at the root, and a README opens its folder. */
export function pageOf(file: string): string {
  if (file === "README.md") return "guide.md";
  return file.replace(/^(docs|site)\//, "").replace(/README\.md$/, "index.md");
}

/**
 * Where a relative link of a Markdown file leads on the site. Files that are not Markdown have pages that show them.
 *
 * @param from the path of the Markdown file
 */
export function hrefOf(link: string, from: string): string {
  const [path = "", heading] = link.split("#");
  const target = posix.join(posix.dirname(from), path).replace(/\/$/, "");
  const file = isFolder(target) ? `${target}/README.md` : target;
  const page = file.endsWith(".md") ? pageOf(file) : `source/${file}.md`;
  return `/${page}${heading === undefined ? "" : `#${heading}`}`;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** What is shown as it is, rather than led to. */
export function isPicture(link: string): boolean {
  return /\.(jpg|png|svg)$/.test(link);
}
