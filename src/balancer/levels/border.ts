import type { Endpoint } from "../../endpoint.ts";
import type { Affinity } from "../../service-config.ts";

/** Where this client is, as far as it is known, and with whom its calls should stay. */
export interface Position {
  readonly zone: string | undefined;
  readonly node: string | undefined;
  readonly affinity: Affinity;
}

/**
 * Around the endpoints that calls stay with while there is room: those of the client's own node, if they should and it has a healthy one, or else those of its
 * zone. Without either, everybody is inside.
 */
export class Border {
  #position: Position;
  /** Whether it is the node that it runs around. */
  #isNode = false;

  constructor(position: Position) {
    this.#position = position;
  }

  get position(): Position {
    return this.#position;
  }

  /** The node or the zone that it runs around. */
  get around(): string | undefined {
    return this.#isNode ? this.#position.node : this.#position.zone;
  }

  /** @returns whether it may run elsewhere than before, for whoever is there */
  draw(position: Position, endpoints: Iterable<Endpoint>): boolean {
    const { zone } = this.#position;
    const wasNode = this.#isNode;
    this.#position = position;
    this.#isNode = wantsNode(position) && hasHealthy(endpoints, position.node);
    return this.#isNode !== wasNode || position.zone !== zone;
  }

  isInside(endpoint: Endpoint): boolean {
    const { zone, node } = this.#position;
    if (this.#isNode) return endpoint.labels.node === node;
    return zone === undefined || isForZone(endpoint, zone);
  }
}

/** Whether calls from a zone should go there: by the label `forZones`, a list with commas, and without it by where the endpoint is. */
export function isForZone({ labels: { forZones }, locality }: Endpoint, zone: string): boolean {
  return forZones === undefined ? locality?.zone === zone : forZones.split(",").includes(zone);
}

function wantsNode({ affinity, node }: Position): boolean {
  return affinity !== "zone" && node !== undefined;
}

function hasHealthy(endpoints: Iterable<Endpoint>, node: string | undefined): boolean {
  for (const { labels, health } of endpoints) if (labels.node === node && health === "healthy") return true;
  return false;
}
