import type { MarkdownOptions } from "vitepress";
import { hrefOf } from "./routes.ts";

type Markdown = Parameters<NonNullable<MarkdownOptions["config"]>>[0];

/** Has links between files of the project lead to their pages, so that the same Markdown is right in a clone, in the npm package and on the site. */
export function followLinks(markdown: Markdown, root: string): void {
  markdown.core.ruler.push("follow-links", ({ tokens, env }) => {
    const from = relativeTo(root, env.realPath ?? env.path);
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.type === "link_open" ? token.attrGet("href") : null;
      if (href !== null && !/^([a-z]+:|[#/])/.test(href)) token.attrSet("href", hrefOf(href, from));
    }
  });
}

function relativeTo(root: string, path: string): string {
  return path.startsWith(root) ? path.slice(root.length).replace(/^\//, "") : path;
}
