import { readFileSync } from "node:fs";
import { AddressRules } from "meshless/discovery";
import { systemClock } from "../clock.ts";
import { readServices } from "../registry/read-services.ts";
import { Catalog, type CatalogOptions } from "../snapshot/catalog.ts";
import type { RefusedEndpoint } from "../snapshot/endpoint-filter.ts";
import { Intake } from "../snapshot/intake.ts";

/** What would be served of a file of services. */
export interface FileCatalog {
  readonly catalog: Catalog;
  readonly refused: readonly RefusedEndpoint[];
}

/** @throws Error that says file, line and field of what is wrong */
export function readCatalog(path: string, allowAddresses: readonly string[], options?: CatalogOptions): FileCatalog {
  const catalog = new Catalog(() => {}, options);
  const addressRules = new AddressRules(allowAddresses);
  const intake = new Intake(catalog, { clock: systemClock, addressRules, removalGraceMs: 0, onRefused() {} });
  for (const service of readServices(path, readFileSync(path, "utf8")).values()) intake.present(service);
  return { catalog, refused: intake.refused };
}
