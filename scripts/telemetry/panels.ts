import { Queries } from "./queries.ts";

export interface Panel {
  readonly title: string;
  /** As Grafana names it. */
  readonly unit: "reqps" | "percentunit" | "s" | "Bps" | "short" | "ops";
  readonly description: string;
  /** A legend, and the query of its lines. */
  readonly lines: Readonly<Record<string, string>>;
}

/** The panels of the dashboard, row by row. @param window over which rates are taken @param where what all series of clients have to fit */
export function panelRows(window: string, where: string): Readonly<Record<string, readonly Panel[]>> {
  const query = new Queries(window, where);
  return {
    Calls: callPanels(query),
    "Retries and waits": repeatPanels(query),
    Endpoints: endpointPanels(query),
    Sessions: sessionPanels(query),
    Discovery: discoveryPanels(query),
    Servers: serverPanels(query),
  };
}

function callPanels(query: Queries): readonly Panel[] {
  const ok = query.rate("grpc.client.call.duration", [], 'grpc_status="OK"', "count");
  const calls = query.rate("grpc.client.call.duration", [], "", "count");
  return [
    {
      title: "Calls",
      unit: "reqps",
      description: "By method, over all attempts.",
      lines: { "{{grpc_method}}": query.rate("grpc.client.call.duration", ["grpc_method"], "", "count") },
    },
    { title: "Calls that succeed", unit: "percentunit", description: "Of all calls.", lines: { succeed: `${ok} / ${calls}` } },
    {
      title: "Latency of calls",
      unit: "s",
      description: "What callers wait, over all attempts.",
      lines: {
        p50: query.quantile(0.5, "grpc.client.call.duration", []),
        p99: query.quantile(0.99, "grpc.client.call.duration", []),
        "p99 of attempts": query.quantile(0.99, "grpc.client.attempt.duration", []),
      },
    },
    {
      title: "Failed calls by status",
      unit: "reqps",
      description: "What callers were given.",
      lines: { "{{grpc_status}}": query.rate("grpc.client.call.duration", ["grpc_status"], 'grpc_status!="OK"', "count") },
    },
    {
      title: "Attempts under way",
      unit: "short",
      description: "By target.",
      lines: { "{{grpc_target}}": query.now("meshless.calls.in_flight", ["grpc_target"]) },
    },
    {
      title: "Bodies",
      unit: "Bps",
      description: "As they went over the wire.",
      lines: {
        sent: query.rate("grpc.client.attempt.sent_total_compressed_message_size", [], "", "sum"),
        received: query.rate("grpc.client.attempt.rcvd_total_compressed_message_size", [], "", "sum"),
      },
    },
  ];
}

function repeatPanels(query: Queries): readonly Panel[] {
  return [
    {
      title: "Attempts by outcome",
      unit: "reqps",
      description: "What became of each attempt. Calls whose attempt was refused or bounced may have succeeded elsewhere.",
      lines: { "{{meshless_outcome}}": query.rate("meshless.attempts", ["meshless_outcome"]) },
    },
    {
      title: "Attempts per call",
      unit: "short",
      description: "1 where no call is repeated.",
      lines: { attempts: `${query.rate("grpc.client.attempt.started", [])} / ${query.rate("grpc.client.call.duration", [], "", "count")}` },
    },
    {
      title: "Repeats",
      unit: "reqps",
      description: "Retries follow an attempt that a server may have acted on, transparent ones follow one that none has acted on.",
      lines: {
        retries: query.rate("grpc.client.call.retries", [], "", "sum"),
        transparent: query.rate("grpc.client.call.transparent_retries", [], "", "sum"),
      },
    },
    {
      title: "Retry budget",
      unit: "percentunit",
      description: "Retries as a share of calls, and whether the budget refused any.",
      lines: {
        "{{grpc_target}}": query.worst("meshless.retry_budget.share", ["grpc_target"]),
        "refused a second": query.rate("meshless.retry_budget.refused", []),
      },
    },
    {
      title: "Waits",
      unit: "reqps",
      description: "Attempts that waited 10 ms or longer for endpoints, a session, or room on one.",
      lines: { "{{grpc_target}}": query.rate("meshless.attempt.wait", ["grpc_target"], "", "count") },
    },
    {
      title: "How long they waited",
      unit: "s",
      description: "Of those that waited, and between the attempts of a call.",
      lines: {
        "p99 for a place": query.quantile(0.99, "meshless.attempt.wait", []),
        "p99 between attempts": query.quantile(0.99, "grpc.client.call.retry_delay", []),
      },
    },
  ];
}

function endpointPanels(query: Queries): readonly Panel[] {
  const elsewhere = query.rate("meshless.attempts", ["grpc_target"], 'meshless_placement="other_zone"');
  return [
    {
      title: "Endpoints by standing",
      unit: "short",
      description: "As clients see them: summed over clients.",
      lines: { "{{meshless_standing}}": query.now("meshless.endpoints", ["meshless_standing"]) },
    },
    {
      title: "Attempts by zone",
      unit: "reqps",
      description: "Where calls go.",
      lines: { "{{meshless_zone}}": query.rate("meshless.attempts", ["meshless_zone"]) },
    },
    {
      title: "Calls that leave their zone",
      unit: "percentunit",
      description: "Of all attempts.",
      lines: { "{{grpc_target}}": `${elsewhere} / ${query.rate("meshless.attempts", ["grpc_target"])}` },
    },
    {
      title: "Ejections",
      unit: "ops",
      description: "Endpoints that sit out because of failures, and that are back.",
      lines: { ejected: query.rate("meshless.ejections", []), readmitted: query.rate("meshless.readmissions", []) },
    },
    {
      title: "Panic",
      unit: "short",
      description: "1 while so few endpoints are sound that ejections are ignored.",
      lines: { "{{grpc_target}}": query.worst("meshless.panic", ["grpc_target"]) },
    },
    {
      title: "Endpoints that come and go",
      unit: "ops",
      description: "And those that report their load.",
      lines: {
        "{{meshless_change}}": query.rate("meshless.endpoint.changes", ["meshless_change"]),
        reporting: query.now("meshless.endpoints.reporting", []),
      },
    },
  ];
}

function sessionPanels(query: Queries): readonly Panel[] {
  return [
    {
      title: "Sessions",
      unit: "short",
      description: "Open HTTP/2 connections.",
      lines: { "{{grpc_target}}": query.now("grpc.subchannel.open_connections", ["grpc_target"]) },
    },
    {
      title: "Connections",
      unit: "ops",
      description: "Tries to open one.",
      lines: {
        opened: query.rate("grpc.subchannel.connection_attempts_succeeded", []),
        failed: query.rate("grpc.subchannel.connection_attempts_failed", []),
      },
    },
    {
      title: "Disconnections",
      unit: "ops",
      description: "By reason.",
      lines: { "{{grpc_disconnect_error}}": query.rate("grpc.subchannel.disconnections", ["grpc_disconnect_error"]) },
    },
    {
      title: "Pings",
      unit: "s",
      description: "How long servers take to answer.",
      lines: {
        p50: query.quantile(0.5, "meshless.session.ping.duration", []),
        p99: query.quantile(0.99, "meshless.session.ping.duration", []),
      },
    },
  ];
}

function discoveryPanels(query: Queries): readonly Panel[] {
  return [
    {
      title: "Updates",
      unit: "ops",
      description: "What sources of endpoints told, and their troubles.",
      lines: { "{{meshless_result}}": query.rate("meshless.discovery.updates", ["meshless_result"]) },
    },
    {
      title: "Stale for",
      unit: "s",
      description: "How long the last good endpoints stand in for what a source can't say, and how old those of a snapshot file are.",
      lines: {
        "{{grpc_target}}": query.worst("meshless.discovery.stale_time", ["grpc_target"]),
        "{{grpc_target}}, snapshot": query.worst("meshless.discovery.snapshot_age", ["grpc_target"]),
      },
    },
    {
      title: "In doubt",
      unit: "short",
      description: "Targets in trouble, and endpoints that are kept though a source has left them out.",
      lines: { trouble: query.now("meshless.discovery.trouble", []), retained: query.now("meshless.endpoints.retained", []) },
    },
    {
      title: "Worth a look",
      unit: "ops",
      description: "Certificates, notices, and user code that failed.",
      lines: {
        "certificates {{meshless_result}}": query.rate("meshless.credentials.renewals", ["meshless_result"]),
        "notice {{meshless_notice}}": query.rate("meshless.notices", ["meshless_notice"]),
        "failed: {{meshless_plug_in}}": query.rate("meshless.plug_in.failures", ["meshless_plug_in"]),
      },
    },
  ];
}

function serverPanels(query: Queries): readonly Panel[] {
  return [
    {
      title: "Calls served",
      unit: "reqps",
      description: "By method.",
      lines: { "{{grpc_method}}": query.rate("grpc.server.call.started", ["grpc_method"]) },
    },
    {
      title: "Calls served by status",
      unit: "reqps",
      description: "As handlers answered.",
      lines: { "{{grpc_status}}": query.rate("grpc.server.call.duration", ["grpc_status"], "", "count") },
    },
    {
      title: "Latency of handlers",
      unit: "s",
      description: "By the server's clock.",
      lines: {
        p50: query.quantile(0.5, "rpc.server.call.duration", []),
        p99: query.quantile(0.99, "rpc.server.call.duration", []),
      },
    },
  ];
}
