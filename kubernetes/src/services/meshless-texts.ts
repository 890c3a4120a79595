/** Labels or annotations. */
export type Texts = Readonly<Record<string, string>>;

/** Of what is meant for us. */
export const prefix = "meshless.dev/";

export function meshlessTexts(texts: Texts): Texts {
  return Object.fromEntries(Object.entries(texts).filter(([key]) => key.startsWith(prefix)));
}
