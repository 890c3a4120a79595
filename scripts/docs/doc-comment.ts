import type { Node } from "typescript/unstable/ast";
import { isVariableDeclaration } from "typescript/unstable/ast/is";

/** What stands before the first of the declarations of a name that has a comment, as Markdown; or nothing. */
export function commentOf(nodes: readonly Node[]): string {
  return nodes.map((node) => proseOf(statementOf(node).getFullText())).find((text) => text !== "") ?? "";
}

/** Where the comment of a declaration stands. */
export function statementOf(node: Node): Node {
  return isVariableDeclaration(node) ? node.parent.parent : node;
}

/** The Markdown of the doc comment that a declaration begins with, or nothing. */
export function proseOf(declaration: string): string {
  const comment = /^\s*(?:\/\*(?!\*).*?\*\/\s*|\/\/.*\n\s*)*\/\*\*(.*?)\*\//s.exec(declaration)?.[1] ?? "";
  const text = comment
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").trimEnd())
    .join("\n")
    .trim();
  return withTags(text.replace(/\{@link ([^}\s]+)[^}]*\}/g, "`$1`"));
}

/** `@param name it` as the item of a list. */
function withTags(text: string): string {
  const [prose = "", ...tags] = text.split(/^@/m);
  const items = tags.map((tag) => {
    const [, kind = "", rest = ""] = /^(\w+)\s*(.*)$/s.exec(tag.trim()) ?? [];
    if (kind !== "param") return `- **${kind}** ${rest}`;
    const [, name, meaning] = /^(\S+)\s*(.*)$/s.exec(rest) ?? [];
    return `- \`${name}\`: ${meaning}`;
  });
  return [prose.trim(), items.join("\n")].filter((part) => part !== "").join("\n\n");
}
