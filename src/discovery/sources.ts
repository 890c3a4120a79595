import { assertChecked, type OptionChecks, optionsOf } from "../check-options.ts";
import { type Clock, checkClock } from "../clock.ts";
import { ConfigurationError } from "../configuration-error.ts";
import { checkRandom, type RandomSource } from "../random-source.ts";
import { parseDnsName } from "./dns-name.ts";
import { type DnsSourceOptions, dnsChecks, dnsSource } from "./dns-source.ts";
import type { EndpointSource } from "./endpoint-source.ts";
import { type FileSourceOptions, fileChecks, fileSource } from "./file-source.ts";
import { staticSource } from "./static-source.ts";
import { parseTarget, type Target } from "./target.ts";

export interface SourceOptions {
  readonly clock?: Clock;
  readonly random?: RandomSource;
  readonly dns?: Omit<DnsSourceOptions, "clock" | "random">;
  readonly file?: Omit<FileSourceOptions, "clock">;
}

export const sourceChecks: OptionChecks<Pick<SourceOptions, "dns" | "file">> = { dns: optionsOf(dnsChecks), file: optionsOf(fileChecks) };

const check = optionsOf<SourceOptions>({ ...sourceChecks, clock: checkClock, random: checkRandom });

/** A target, and the source whose `watch(name, …)` follows it. */
export interface TargetSource extends Target {
  readonly source: EndpointSource;
}

/**
 * Finds the source of a target. Everything that can be known to be wrong with the target is known here, before the first call.
 *
 * @throws ConfigurationError for a bad target, which shows the right form, or option
 */
export function sourceFor(target: string, options: SourceOptions = {}): TargetSource {
  assertChecked(options, check, "sourceFor");
  const parsed = parseTarget(target);
  return { ...parsed, source: sourceOf(parsed, options) };
}

function sourceOf({ scheme, name }: Target, { dns, file, clock, random }: SourceOptions): EndpointSource {
  switch (scheme) {
    case "dns":
      parseDnsName(name);
      return dnsSource({ ...dns, ...(clock && { clock }), ...(random && { random }) });
    case "static":
      return staticSource(name);
    case "file":
      return fileSource({ ...file, ...(clock && { clock }) });
    case "xds":
      throw new ConfigurationError(`xds: targets are not supported by this version; use dns:///host:port, or pass an EndpointSource`);
  }
}
