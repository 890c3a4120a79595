import { type ApiFailure, readFailure } from "./api-failure.ts";
import { asKubernetesObject, isText, type KubernetesObject } from "./kubernetes-object.ts";

/** One line of a watch. */
export type WatchEvent =
  | { readonly kind: "changed" | "deleted"; readonly object: KubernetesObject }
  /** Nothing has changed up to this version. */
  | { readonly kind: "bookmark"; readonly version: string; readonly endsInitialEvents: boolean }
  | { readonly kind: "error"; readonly failure: ApiFailure };

/** @throws SyntaxError or TypeError if it is none */
export function decodeWatchEvent(line: string): WatchEvent {
  const { type, object } = JSON.parse(line) as { readonly type?: unknown; readonly object?: unknown };
  switch (type) {
    case "ADDED":
    case "MODIFIED":
      return { kind: "changed", object: asKubernetesObject(object) };
    case "DELETED":
      return { kind: "deleted", object: asKubernetesObject(object) };
    case "BOOKMARK":
      return bookmark(object);
    case "ERROR":
      return { kind: "error", failure: readFailure(object) };
    default:
      throw new TypeError(`expected an event of a watch, got one of type ${JSON.stringify(type)}`);
  }
}

function bookmark(object: unknown): WatchEvent {
  const { metadata } = (object ?? {}) as {
    readonly metadata?: { readonly resourceVersion?: unknown; readonly annotations?: Readonly<Record<string, unknown>> | null };
  };
  const version = metadata?.resourceVersion;
  if (!isText(version)) throw new TypeError("expected a bookmark with a version");
  return { kind: "bookmark", version, endsInitialEvents: metadata?.annotations?.["k8s.io/initial-events-end"] === "true" };
}
