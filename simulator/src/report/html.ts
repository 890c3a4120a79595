/** Markup that may stand in a page as it is. */
export interface Markup {
  readonly markup: string;
}

/** What can be put into {@link html}: text and numbers are escaped, markup is not, of lists each part follows the other, nothing leaves nothing. */
export type Content = Markup | string | number | undefined | false | readonly Content[];

/** Builds markup: html`<b>${text}</b>`. */
export function html(strings: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  return { markup: strings.map((string, index) => string + (index < contents.length ? markupOf(contents[index]) : "")).join("") };
}

function markupOf(content: Content): string {
  if (content === undefined || content === false) return "";
  if (typeof content === "string" || typeof content === "number") return escaped(`${content}`);
  return "markup" in content ? content.markup : content.map(markupOf).join("");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
