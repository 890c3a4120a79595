import { globSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

/** The pages of a built site: HTML by path. */
export function pagesOf(folder: string): ReadonlyMap<string, string> {
  return new Map(globSync("**/*.html", { cwd: folder }).map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

/**
 * Follows every link between pages, those of the navigation included, and looks for what a page would load from elsewhere.
 *
 * @param isFile whether the site has a file that is no page, by its path
 * @returns a line for each trouble
 */
export function troubleWith(pages: ReadonlyMap<string, string>, base: string, isFile: (path: string) => boolean): readonly string[] {
  const ids = new Map([...pages].map(([path, html]) => [path, new Set(valuesOf(html, "id"))]));
  return [...pages].flatMap(([path, html]) => [...deadLinks(path, html), ...foreignParts(path, html)]);

  function deadLinks(path: string, html: string): readonly string[] {
    const links = new Set([...valuesOf(html, "href"), ...valuesOf(html, "src")]);
    return [...links]
      .filter((link) => !/^[a-z]+:|^\/\//.test(link) && !isAlive(link, path))
      .map((link) => `${path}: ${link} leads nowhere`);
  }

  function isAlive(link: string, from: string): boolean {
    const [to = "", id] = decodeURI(link).split("#");
    const path = to === "" ? from : to.startsWith(base) ? to.slice(base.length) : posix.join(posix.dirname(from), to);
    const page = path === "" || path.endsWith("/") ? `${path}index.html` : path;
    if (!pages.has(page)) return isFile(page);
    return id === undefined || id === "" || (ids.get(page)?.has(id) ?? false);
  }
}

function foreignParts(path: string, html: string): readonly string[] {
  const loaded = [...html.matchAll(/<(?:link|script|img|iframe)\b[^>]*\b(?:href|src)="((?:https?:)?\/\/[^"]+)"/g)];
  return loaded.map(([, url]) => `${path}: loads ${url} from elsewhere`);
}

function valuesOf(html: string, attribute: string): readonly string[] {
  return [...html.matchAll(new RegExp(`\\s${attribute}="([^"]*)"`, "g"))].map(([, value = ""]) => value.replaceAll("&amp;", "&"));
}
