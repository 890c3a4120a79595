import type { Clock } from "../clock.ts";
import type { RandomSource } from "../random-source.ts";
import { parseDnsName } from "./dns-name.ts";
import { type DnsSourceOptions, dnsSource } from "./dns-source.ts";
import type { EndpointSource } from "./endpoint-source.ts";
import { type FileSourceOptions, fileSource } from "./file-source.ts";
import { staticSource } from "./static-source.ts";
import { parseTarget, type Target } from "./target.ts";

export interface SourceOptions {
  readonly clock?: Clock;
  readonly random?: RandomSource;
  readonly dns?: Omit<DnsSourceOptions, "clock" | "random">;
  readonly file?: Omit<FileSourceOptions, "clock">;
}

/** A target, and the source whose `watch(name, …)` follows it. */
export interface TargetSource extends Target {
  readonly source: EndpointSource;
}

/**
 * Finds the source of a target. Everything that can be known to be wrong with the target is known here, before the first call.
 *
 * @throws TypeError for a bad target, which shows the right form
 */
export function sourceFor(target: string, options: SourceOptions = {}): TargetSource {
  const parsed = parseTarget(target);
  return { ...parsed, source: sourceOf(parsed, options) };
}

function sourceOf({ scheme, name }: Target, { dns, file, ...shared }: SourceOptions): EndpointSource {
  switch (scheme) {
    case "dns":
      parseDnsName(name);
      return dnsSource({ ...dns, ...shared });
    case "static":
      return staticSource(name);
    case "file":
      return fileSource({ ...file, ...shared });
    case "xds":
      throw new TypeError(`xds: targets are not supported by this version; use dns:///host:port, or pass an EndpointSource`);
  }
}
