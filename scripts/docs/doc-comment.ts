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
