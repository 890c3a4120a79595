/** Starts a client of the control plane, and resolves to what makes one call to a service, and says who answered. */
export type StartPeer = (controlPlanePort: number, service: string) => Promise<() => Promise<string>>;

/** A client of the control plane, by whatever maker. */
export interface Peer {
  readonly name: string;
  readonly start: StartPeer;
}
