import { AddressRules } from "meshless/discovery";
import { systemClock } from "../clock.ts";
import { readText } from "../files/read-text.ts";
import { type Logger, silentLogger } from "../logger.ts";
import { readServices } from "../registry/read-services.ts";
import type { Registry } from "../registry/registry.ts";
import { Catalog, type CatalogOptions } from "../snapshot/catalog.ts";
import type { RefusedEndpoint } from "../snapshot/endpoint-filter.ts";
import { Intake } from "../snapshot/intake.ts";

/** What would be served. */
export interface ServedCatalog {
  readonly catalog: Catalog;
  readonly refused: readonly RefusedEndpoint[];
  /** What a person has to mend, such as `shop/web: it is another name for ...`. */
  readonly problems: readonly string[];
}

export interface ServedCatalogOptions extends CatalogOptions {
  readonly allowAddresses: readonly string[];
}

const patienceMs = 10_000;

/** @throws Error that says file, line and field of what is wrong */
export function catalogOfFile(path: string, options: ServedCatalogOptions): ServedCatalog {
  const { catalog, intake } = emptyCatalog(options);
  for (const service of readServices(path, readText(path)).values()) intake.present(service);
  return { catalog, refused: intake.refused, problems: [] };
}

/**
 * As soon as the registry has told all that there is.
 *
 * @param newRegistry what it warns of is a problem
 * @throws Error if that takes more than 10 s, which says why
 */
export async function catalogOfRegistry(
  newRegistry: (logger: Logger) => Promise<Registry>,
  options: ServedCatalogOptions,
): Promise<ServedCatalog> {
  const { catalog, intake } = emptyCatalog(options);
  const problems: string[] = [];
  const warn = (details: { readonly service?: string; readonly problem?: string }) =>
    problems.push(`${details.service}: ${details.problem}`);
  const registry = await newRegistry({ ...silentLogger, warn });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let trouble = "it does not answer";
  const watch = registry.watch({
    present: (service) => intake.present(service),
    gone: (name) => intake.gone(name),
    complete: resolve,
    trouble(error) {
      trouble = error?.message ?? trouble;
    },
  });
  // Of its own accord nothing else keeps the process alive.
  const timer = setTimeout(() => reject(new Error(`${registry.description}: ${trouble}`)), patienceMs);
  try {
    await promise;
    return { catalog, refused: intake.refused, problems };
  } finally {
    clearTimeout(timer);
    watch.close();
  }
}

function emptyCatalog({ allowAddresses, ...options }: ServedCatalogOptions) {
  const catalog = new Catalog(() => {}, options);
  const addressRules = new AddressRules(allowAddresses);
  return { catalog, intake: new Intake(catalog, { clock: systemClock, addressRules, removalGraceMs: 0, onRefused() {} }) };
}
