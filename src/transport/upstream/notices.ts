import type { Position } from "../../balancer/levels/border.ts";
import type { Endpoint } from "../../endpoint.ts";
import { hostAndPort } from "../../host-and-port.ts";
import type { Notice } from "../../notice.ts";

const orcaService = "xds.service.orca.v3.OpenRcaService";

/** Notices about a transport's settings. Each kind is told once, and shown as long as it holds. */
export class Notices {
  #ofSource: Notice | undefined;
  #ofZone: Notice | undefined;
  #ofNode: Notice | undefined;
  #ofReports: Notice | undefined;
  #isZoneFound = false;
  #endpoints: readonly Endpoint[] = [];
  readonly #told = new Set<Notice["code"]>();
  readonly #target: string;
  readonly #tell: (notice: Notice) => void;

  constructor(target: string, tell: (notice: Notice) => void) {
    this.#target = target;
    this.#tell = tell;
  }

  /** Those that hold now. */
  get current(): readonly Notice[] {
    return [this.#ofSource, this.#ofZone, this.#ofNode, this.#ofReports].filter((notice) => notice !== undefined);
  }

  /** A set that changes is another one than the source spoke of: an address that moves is no ClusterIP. */
  onUpdate(endpoints: readonly Endpoint[], { zone, node, affinity }: Position): void {
    if (this.#ofSource !== undefined && !isSame(endpoints, this.#endpoints)) this.#ofSource = undefined;
    this.#endpoints = endpoints;
    this.#ofNode = affinity === "nodeOnly" && node === undefined ? this.#ofUnknownNode() : undefined;
    if (this.#ofNode !== undefined) this.#tellOnce(this.#ofNode);
    // A zone that loses all its endpoints was no mistake.
    if (zone === undefined || this.#isZoneFound || endpoints.length === 0) return;
    const zones = new Set(endpoints.flatMap(({ locality }) => locality?.zone ?? []));
    this.#isZoneFound = zones.has(zone);
    this.#ofZone = this.#isZoneFound ? undefined : this.#ofUselessZone(zone, endpoints.length, [...zones]);
    if (this.#ofZone !== undefined) this.#tellOnce(this.#ofZone);
  }

  onSource(notice: Notice): void {
    this.#ofSource = notice;
    this.#tellOnce(notice);
  }

  /** A report came beside calls: some server sends them. */
  onReport(): void {
    this.#ofReports = undefined;
  }

  onReportsDeclined({ address, port }: Endpoint): void {
    const nothing = `reportIntervalMs does nothing for ${hostAndPort(address, port)} of ${this.#target}`;
    const next = "add it to the server's routes, as orcaService(router, health.sampler) of meshless/server-hooks, or leave the option out";
    this.#ofReports = { code: "reports-not-offered", message: `${nothing}: it has no service ${orcaService} in gRPC; ${next}` };
    this.#tellOnce(this.#ofReports);
  }

  #tellOnce(notice: Notice): void {
    if (this.#told.has(notice.code)) return;
    this.#told.add(notice.code);
    this.#tell(notice);
  }

  #ofUnknownNode(): Notice {
    const nothing = `calls to ${this.#target} are to stay on the client's own node, and go to all nodes`;
    return { code: "node-not-known", message: `${nothing}: this client does not know its own; say it (option node, or NODE_NAME)` };
  }

  #ofUselessZone(zone: string, count: number, zones: string[]): Notice {
    const nothing = `zone ${JSON.stringify(zone)} does nothing for ${this.#target}`;
    if (zones.length === 0) {
      const next =
        "leave it out (option zone, or MESHLESS_ZONE), or use a source that knows zones, such as file: with a locality for each endpoint";
      return {
        code: "zones-not-known",
        message: `${nothing}: its endpoints have no zones, as with every dns: and static: target; ${next}`,
      };
    }
    const there = zones
      .sort()
      .slice(0, 5)
      .map((zone) => JSON.stringify(zone));
    const more = zones.length > there.length ? ", ..." : "";
    const next = `write it as the source does (option zone, or MESHLESS_ZONE): ${there.join(", ")}${more}`;
    return { code: "zone-not-found", message: `${nothing}: none of ${count} endpoints is in it; ${next}` };
  }
}

function isSame(some: readonly Endpoint[], others: readonly Endpoint[]): boolean {
  return some.length === others.length && some.every(({ id }, index) => id === others[index]?.id);
}
