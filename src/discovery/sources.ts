import { assertChecked, optionsOf } from "../check-options.ts";
import { type Clock, checkClock } from "../clock.ts";
import { ConfigurationError } from "../configuration-error.ts";
import { checkRandom, type RandomSource } from "../random-source.ts";
import { parseDnsName } from "./dns-name.ts";
import { checkDns, type DnsSourceOptions, dnsSource } from "./dns-source.ts";
import type { EndpointSource } from "./endpoint-source.ts";
import { type FileSourceOptions, fileSource } from "./file-source.ts";
import { staticSource } from "./static-source.ts";
import { parseTarget, type Target } from "./target.ts";
import { checkFile } from "./watch-files.ts";

/** Settings of the sources that come with the package. */
export interface SourceOptions {
  readonly clock?: Clock;
  readonly random?: RandomSource;
  readonly dns?: DnsSourceOptions;
  readonly file?: FileSourceOptions;
}

const check = optionsOf<SourceOptions>({ clock: checkClock, random: checkRandom, dns: checkDns, file: checkFile });

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
      return dnsSource({ ...(clock && { clock }), ...(random && { random }), ...dns });
    case "static":
      return staticSource(name);
    case "file":
      return fileSource({ ...(clock && { clock }), ...file });
    case "xds":
      throw new ConfigurationError("xds: targets are for createBalancedTransport(), which brings the connection to the control plane");
  }
}
