import { Queries } from "./queries.ts";

export interface Alert {
  readonly name: string;
  /** What is looked at. */
  readonly query: string;
  /** When it is too much. */
  readonly threshold: string;
  /** How long it has to be so. */
  readonly for: string;
  readonly severity: "critical" | "warning";
  readonly summary: string;
  /** What to look at next. */
  readonly nextStep: string;
}

const serverFaults = "UNKNOWN|DEADLINE_EXCEEDED|RESOURCE_EXHAUSTED|UNIMPLEMENTED|INTERNAL|UNAVAILABLE|DATA_LOSS";

/** @param window over which rates are taken */
export function alerts(window = "5m"): readonly Alert[] {
  const query = new Queries(window);
  const by = ["grpc_target"];
  const calls = query.rate("grpc.client.call.duration", by, "", "count");
  const failed = query.rate("grpc.client.call.duration", by, `grpc_status=~"${serverFaults}"`, "count");
  const elsewhere = query.rate("meshless.attempts", by, 'meshless_placement="other_zone"');
  const unreachable = query.now("meshless.endpoints", by, 'meshless_standing="unreachable"');
  return [
    {
      name: "MeshlessCallsFail",
      query: `${failed} / ${calls}`,
      threshold: "> 0.05",
      for: "5m",
      severity: "critical",
      summary: "More than 5 % of the calls to {{ $labels.grpc_target }} fail by the servers' fault, after all repeats",
      nextStep: "Which status, and which outcome of attempts? transport.inspect() tells of single endpoints.",
    },
    {
      name: "MeshlessNobodyEligible",
      query: query.leastOfOpen("meshless.endpoints", by, 'meshless_standing="eligible"'),
      threshold: "< 1",
      for: "1m",
      severity: "critical",
      summary: "A client has no endpoint of {{ $labels.grpc_target }} that may take a call",
      nextStep: "By their standing: unreachable ones have a network or TLS problem; none at all, a problem of discovery.",
    },
    {
      name: "MeshlessPanic",
      query: query.worst("meshless.panic", by),
      threshold: "> 0",
      for: "2m",
      severity: "critical",
      summary: "So few endpoints of {{ $labels.grpc_target }} are sound that ejections are ignored",
      nextStep: "Is it all servers (a bad release, what they depend on), or this client's way to them?",
    },
    {
      name: "MeshlessEndpointsUnreachable",
      query: `${unreachable} / ${query.now("meshless.endpoints", by)}`,
      threshold: "> 0.3",
      for: "5m",
      severity: "warning",
      summary: "More than 30 % of the endpoints of {{ $labels.grpc_target }} can't be reached",
      nextStep: "inspect().endpoints[].lastFailure has the reason.",
    },
    {
      name: "MeshlessConnectionsFail",
      query: query.rate("grpc.subchannel.connection_attempts_failed", by),
      threshold: "> 0.1",
      for: "10m",
      severity: "warning",
      summary: "Connections to {{ $labels.grpc_target }} fail again and again",
      nextStep: "Network policies, ports and certificates; the event endpointUnreachable says why.",
    },
    {
      name: "MeshlessDiscoveryStale",
      query: query.worst("meshless.discovery.stale_time", by),
      threshold: "> 300",
      for: "1m",
      severity: "warning",
      summary: "The endpoints of {{ $labels.grpc_target }} are {{ $value | humanizeDuration }} old: their source is in trouble",
      nextStep: "Calls go on to the last good endpoints. inspect().sourceError says what is wrong.",
    },
    {
      name: "MeshlessSnapshotInUse",
      query: query.worst("meshless.discovery.snapshot_age", by),
      threshold: "> 0",
      for: "5m",
      severity: "warning",
      summary: "Clients of {{ $labels.grpc_target }} started from a snapshot file, and have heard nothing of the control plane since",
      nextStep: "Is the control plane up, and can these clients reach it?",
    },
    {
      name: "MeshlessEndpointsRetained",
      query: query.now("meshless.endpoints.retained", by),
      threshold: "> 0",
      for: "5m",
      severity: "warning",
      summary:
        "The source of {{ $labels.grpc_target }} has left out most of the endpoints that serve; they are kept for ten minutes at most",
      nextStep: "Was it meant? Otherwise the registry, or its selectors, are broken.",
    },
    {
      name: "MeshlessManyRetries",
      query: `${query.rate("grpc.client.call.retries", by, "", "sum")} / ${calls}`,
      threshold: "> 0.1",
      for: "5m",
      severity: "warning",
      summary: "More than 10 % of the calls to {{ $labels.grpc_target }} are made again",
      nextStep: "Attempts by outcome say after what.",
    },
    {
      name: "MeshlessRetryBudgetSpent",
      query: query.rate("meshless.retry_budget.refused", by),
      threshold: "> 0",
      for: "5m",
      severity: "warning",
      summary: "Calls to {{ $labels.grpc_target }} fail that could have been made again: the budget is spent",
      nextStep: "The servers are in trouble as a whole. A larger budget would make it worse.",
    },
    {
      name: "MeshlessCallsLeaveZone",
      query: `${elsewhere} / ${query.rate("meshless.attempts", by)}`,
      threshold: "> 0.5",
      for: "15m",
      severity: "warning",
      summary: "Most calls to {{ $labels.grpc_target }} leave their zone",
      nextStep: "Are there enough endpoints in it, and do they report more than 92 % utilization?",
    },
    {
      name: "MeshlessCertificates",
      query: query.increase("meshless.credentials.renewals", by, 'meshless_result!="renewed"'),
      threshold: "> 0",
      for: "0m",
      severity: "critical",
      summary: "Renewed certificates for {{ $labels.grpc_target }} can't be used; the old ones are in force until they expire",
      nextStep: "The events credentialsError and renewalFailed say what is wrong with them.",
    },
    {
      name: "MeshlessPlugInFails",
      query: query.increase("meshless.plug_in.failures", by),
      threshold: "> 0",
      for: "0m",
      severity: "warning",
      summary: "A policy, detector or observer of the user's failed; a default takes its place",
      nextStep: "The event plugInFailed has the error. It is told once for each method.",
    },
  ];
}

/** As Prometheus reads them. Texts in double quotes are YAML as they are JSON. */
export function alertRules(): string {
  const rules = alerts().map(({ name, query, threshold, severity, summary, nextStep, for: duration }) =>
    [
      `      - alert: ${name}`,
      `        expr: ${JSON.stringify(`${query} ${threshold}`)}`,
      `        for: ${duration}`,
      `        labels: { severity: ${severity} }`,
      "        annotations:",
      `          summary: ${JSON.stringify(summary)}`,
      `          description: ${JSON.stringify(nextStep)}`,
    ].join("\n"),
  );
  return `# Made by \`npm run telemetry -- --write\`.\ngroups:\n  - name: meshless\n    rules:\n${rules.join("\n")}\n`;
}
