import type { Service } from "../service.ts";
import type { ServedCatalog } from "./served-catalog.ts";

/** What would be served, a line for each service, and what would not be. */
export function servedText({ catalog, refused, problems }: ServedCatalog): string {
  const services = [...catalog.services.values()].map((service) => `${service.name.text}: ${summaryOf(service)}`);
  const left = refused.map(({ service, endpoint }) => `${service}: ${endpoint.address} is refused as an endpoint: see --allow-addresses`);
  return [...services, ...left, ...problems].map((line) => `${line}\n`).join("");
}

function summaryOf({ endpoints, fallback }: Service): string {
  const zones = new Set(endpoints.map(({ zone }) => zone).filter((zone) => zone !== ""));
  const unhealthy = endpoints.filter(({ health }) => health !== "healthy").length;
  return [
    `${endpoints.length} endpoints`,
    ...(zones.size > 0 ? [`zones ${[...zones].sort().join(", ")}`] : []),
    ...(unhealthy > 0 ? [`${unhealthy} not healthy`] : []),
    ...(fallback.length > 0 ? [`falls back on ${fallback.join(", ")}`] : []),
  ].join("; ");
}
