/** Something that was asked for does less than it seems to, though nothing failed. */
export interface Notice {
  /**
   * - `single-address`: DNS gave one address. If it is a ClusterIP, nothing is balanced: every call goes to the one pod behind the connection.
   * - `zones-not-known`: a zone was given, and the endpoints have none, as with `dns:` and `static:` targets.
   * - `zone-not-found`: a zone was given, and so far no endpoint has been in it.
   * - `node-not-known`: calls are to stay on the client's own node, and the client does not know which one that is.
   * - `reports-not-offered`: reports were asked for beside calls, and a server does not send them.
   * - `snapshot-unusable`: a snapshot file was given, and can't be read, or written.
   */
  readonly code: "single-address" | "zones-not-known" | "zone-not-found" | "node-not-known" | "reports-not-offered" | "snapshot-unusable";
  /** What was seen, and what to do, in a sentence. */
  readonly message: string;
}
