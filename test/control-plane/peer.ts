/** A client of the control plane, by whatever maker. */
export interface Peer {
  readonly name: string;
  /** Resolves to what makes one call to a service, and says who answered. */
  readonly start: (controlPlanePort: number, service: string) => Promise<() => Promise<string>>;
}
