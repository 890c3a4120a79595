import { globSync, readFileSync } from "node:fs";
import { posix } from "node:path";

/**
 * Checks the links of Markdown files to other files of the project, and to headings.
 *
 * @param files every file of the project by its path; the text is needed of Markdown only
 * @param packed what the npm package has, as `files` in package.json says: README.md may link to nothing else
 * @returns a line for each dead link
 */
export function deadLinks(files: ReadonlyMap<string, string>, packed: readonly string[]): readonly string[] {
  return [...files]
    .filter(([path]) => path.endsWith(".md"))
    .flatMap(([path, text]) => linksOf(text).flatMap((link) => trouble(path, link)));

  function trouble(path: string, link: string): readonly string[] {
    const [to = "", heading] = link.split("#");
    const target = to === "" ? path : posix.join(posix.dirname(path), to);
    const isThere = files.has(target) || [...files.keys()].some((file) => file.startsWith(`${target.replace(/\/$/, "")}/`));
    if (!isThere) return [`${path}: ${link} leads nowhere`];
    if (heading !== undefined && !headingsOf(files.get(target) ?? "").includes(heading)) return [`${path}: ${link} has no such heading`];
    const isPacked = packed.some((part) => target === part || target.startsWith(`${part}/`));
    return path === "README.md" && !isPacked ? [`${path}: ${link} is not in the npm package`] : [];
  }
}

export function linksOf(markdown: string): readonly string[] {
  return [...markdown.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = ""]) => (/^[a-z]+:/.test(link) ? [] : link));
}

function headingsOf(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => headingId(heading));
}

/** As GitHub names a heading. */
export function headingId(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-");
}

if (import.meta.main) {
  const paths = globSync("{*,{.ci,bench,control-plane,demo,docs,examples,faults,kubernetes,proto,scripts,simulator,site,src,test}/**/*}", {
    exclude: ["**/node_modules", "**/dist", "simulator/report"],
    withFileTypes: true,
  }).flatMap((entry) => (entry.isFile() ? posix.join(posix.relative(process.cwd(), entry.parentPath), entry.name) : []));
  const files = new Map(paths.map((path) => [path, path.endsWith(".md") ? readFileSync(path, "utf8") : ""]));
  const { files: packed } = JSON.parse(readFileSync("package.json", "utf8")) as { files: readonly string[] };
  const dead = deadLinks(files, packed);
  for (const line of dead) console.error(line);
  console.log(`links: ${paths.filter((path) => path.endsWith(".md")).length} Markdown files, ${dead.length} dead`);
  process.exitCode = dead.length > 0 ? 1 : 0;
}
