import { asKubernetesObject, isText, type KubernetesObject } from "./kubernetes-object.ts";

/** A part of a list, or all of it. */
export interface ListPage {
  /** Of the list, the same on each of its pages. */
  readonly version: string;
  readonly items: readonly KubernetesObject[];
  /** Asks for the next page. Undefined on the last one. */
  readonly next: string | undefined;
}

/** @throws SyntaxError or TypeError if it is none */
export function readListPage(text: string): ListPage {
  const { metadata, items } = JSON.parse(text) as {
    readonly metadata?: { readonly resourceVersion?: unknown; readonly continue?: unknown } | null;
    readonly items?: unknown;
  };
  const version = metadata?.resourceVersion;
  const next = metadata?.continue;
  if (!isText(version)) throw new TypeError("expected a list with a version");
  if (!Array.isArray(items) && items !== null) throw new TypeError("expected a list with items");
  return { version, items: (items ?? []).map(asKubernetesObject), next: isText(next) ? next : undefined };
}
