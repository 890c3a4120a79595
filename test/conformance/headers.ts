import type { Header, Init } from "./messages.ts";

/** As the runner writes them. Values that came as a list stay one; the runner takes it apart. */
export function fromHeaders(headers: Iterable<[string, string]>): Init<Header>[] {
  return [...headers].map(([name, value]) => ({ name, value: [value] }));
}

export function appendHeaders(to: Headers, headers: readonly Header[]): void {
  for (const { name, value } of headers) {
    for (const one of value) to.append(name, one);
  }
}
