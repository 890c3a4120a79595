/** What a metric may be told apart by, and what each of them says. */
export const labels = {
  "rpc.system.name": "`connectrpc` or `grpc`",
  "rpc.method": "`package.Service/Method`",
  "rpc.status_code": "`OK`, `NOT_FOUND` of gRPC; `not_found` of Connect, which has no name for success",
  "error.type": "the same, where the call failed",
  "server.address": "the host that calls are addressed to, never an endpoint",
  "server.port": "its port, if it has one",
  "grpc.method": "as `rpc.method`",
  "grpc.target": "the transport's target",
  "grpc.status": "`OK`, `NOT_FOUND`, ..., whatever the protocol",
  "grpc.disconnect_error": "`GOAWAY NO_ERROR`, `connection reset`, `connection timed out`, `subchannel shutdown` for our own wish, ...",
  "grpc.lb.locality": "region and zone of the endpoint",
  "meshless.outcome": "what became of an attempt: `success`, `failure`, `timeout`, `overload`, `bounced`, `refused`, ...",
  "meshless.placement": "`own_zone`, `other_zone`, or `no_zone` where one of both is not known",
  "meshless.zone": "the endpoint's zone, empty if it has none",
  "meshless.endpoint": "the endpoint's address and port",
  "meshless.standing": "`eligible`, `held_back`, `idle`, `connecting`, `unreachable`, `ejected`, `probing`, `unhealthy` or `draining`",
  "meshless.change": "`added` or `removed`",
  "meshless.result": "`accepted`, `failed` or `no_such_service`; of certificates `renewed`, `unusable` or `refused`",
  "meshless.plug_in": "`policy`, `detector`, `ejection` or `observer`",
  "meshless.notice": "the notice's code",
} as const;

export type Label = keyof typeof labels;

/** Labels that have many values where there are many zones or endpoints: only where they are asked for. */
export const optionalLabels = ["grpc.lb.locality", "meshless.endpoint"] as const satisfies readonly Label[];
/** A label that metrics have only if it is asked for. */
export type OptionalLabel = (typeof optionalLabels)[number];

export interface Metric {
  readonly side: "client" | "server";
  /** `gauge` and `observableCounter` are measured when they are asked for. */
  readonly kind: "counter" | "upDownCounter" | "histogram" | "gauge" | "observableCounter";
  readonly unit: string;
  readonly description: string;
  readonly labels: readonly Label[];
  readonly optional?: readonly OptionalLabel[];
  readonly buckets?: readonly number[];
}

/** Those that OpenTelemetry advises for calls, in s. */
const callSeconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Those of gRFC A66, in s. */
const grpcSeconds = [
  0, 0.00001, 0.00005, 0.0001, 0.0003, 0.0006, 0.0008, 0.001, 0.002, 0.003, 0.004, 0.005, 0.006, 0.008, 0.01, 0.013, 0.016, 0.02, 0.025,
  0.03, 0.04, 0.05, 0.065, 0.08, 0.1, 0.13, 0.16, 0.2, 0.25, 0.3, 0.4, 0.5, 0.65, 0.8, 1, 2, 5, 10, 20, 50, 100,
];

/** Those of gRFC A66, in bytes. */
const grpcBytes = [
  0, 1_024, 2_048, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864, 268_435_456, 1_073_741_824, 4_294_967_296,
];

const fewRetries = [0, 1, 2, 3, 4, 5, 10];

/** Every metric there is. Code, documentation, dashboard and alert rules are made from here. */
export const metricCatalogue = {
  "rpc.client.call.duration": {
    side: "client",
    kind: "histogram",
    unit: "s",
    description: "Calls, over all attempts",
    labels: ["rpc.system.name", "rpc.method", "rpc.status_code", "error.type", "server.address", "server.port"],
    buckets: callSeconds,
  },
  "grpc.client.call.duration": {
    side: "client",
    kind: "histogram",
    unit: "s",
    description: "The same, by gRPC's names",
    labels: ["grpc.method", "grpc.target", "grpc.status"],
    buckets: grpcSeconds,
  },
  "grpc.client.attempt.started": {
    side: "client",
    kind: "counter",
    unit: "{attempt}",
    description: "Attempts whose endpoint was chosen",
    labels: ["grpc.method", "grpc.target"],
  },
  "grpc.client.attempt.duration": {
    side: "client",
    kind: "histogram",
    unit: "s",
    description: "Attempts, from the choice of the endpoint to the end",
    labels: ["grpc.method", "grpc.target", "grpc.status"],
    optional: ["grpc.lb.locality", "meshless.endpoint"],
    buckets: grpcSeconds,
  },
  "grpc.client.attempt.sent_total_compressed_message_size": {
    side: "client",
    kind: "histogram",
    unit: "By",
    description: "Bodies of requests as they were sent, envelopes included",
    labels: ["grpc.method", "grpc.target", "grpc.status"],
    optional: ["grpc.lb.locality", "meshless.endpoint"],
    buckets: grpcBytes,
  },
  "grpc.client.attempt.rcvd_total_compressed_message_size": {
    side: "client",
    kind: "histogram",
    unit: "By",
    description: "Bodies of responses as far as they were read, envelopes included",
    labels: ["grpc.method", "grpc.target", "grpc.status"],
    optional: ["grpc.lb.locality", "meshless.endpoint"],
    buckets: grpcBytes,
  },
  "grpc.client.call.retries": {
    side: "client",
    kind: "histogram",
    unit: "{retry}",
    description: "Attempts of a call after one that a server may have acted on; calls without any are not recorded",
    labels: ["grpc.method", "grpc.target"],
    buckets: fewRetries,
  },
  "grpc.client.call.transparent_retries": {
    side: "client",
    kind: "histogram",
    unit: "{transparent_retry}",
    description: "Attempts of a call after one that no server acted on, bounced ones included; calls without any are not recorded",
    labels: ["grpc.method", "grpc.target"],
    buckets: fewRetries,
  },
  "grpc.client.call.hedges": {
    side: "client",
    kind: "histogram",
    unit: "{hedge}",
    description: "Attempts of a call beside one that took long; calls without any are not recorded",
    labels: ["grpc.method", "grpc.target"],
    buckets: fewRetries,
  },
  "grpc.client.call.retry_delay": {
    side: "client",
    kind: "histogram",
    unit: "s",
    description: "Time without an attempt under way, between the first one and the last; calls without any are not recorded",
    labels: ["grpc.method", "grpc.target"],
    buckets: grpcSeconds,
  },
  "meshless.retry_budget.share": {
    side: "client",
    kind: "gauge",
    unit: "1",
    description: "Retries in the last ten seconds, as a share of the calls; hedges count as well",
    labels: ["grpc.target"],
  },
  "meshless.retry_budget.refused": {
    side: "client",
    kind: "observableCounter",
    unit: "{retry}",
    description: "Retries that the budget did not allow",
    labels: ["grpc.target"],
  },
  "meshless.attempts": {
    side: "client",
    kind: "counter",
    unit: "{attempt}",
    description: "Attempts by what became of them, and by where they went",
    labels: ["grpc.target", "meshless.outcome", "meshless.placement", "meshless.zone"],
    optional: ["meshless.endpoint"],
  },
  "meshless.attempt.wait": {
    side: "client",
    kind: "histogram",
    unit: "s",
    description: "What attempts waited for an endpoint, a session, or room on one; those that waited less than 10 ms are not recorded",
    labels: ["grpc.target"],
    buckets: grpcSeconds,
  },
  "meshless.calls.in_flight": {
    side: "client",
    kind: "gauge",
    unit: "{attempt}",
    description: "Attempts that are under way",
    labels: ["grpc.target"],
  },
  "meshless.transports": {
    side: "client",
    kind: "gauge",
    unit: "{transport}",
    description: "Transports that are open; 0 once the last one to a target has closed",
    labels: ["grpc.target"],
  },
  "meshless.endpoints": {
    side: "client",
    kind: "gauge",
    unit: "{endpoint}",
    description: "Endpoints that are known, by their standing",
    labels: ["grpc.target", "meshless.standing"],
  },
  "meshless.endpoints.reporting": {
    side: "client",
    kind: "gauge",
    unit: "{endpoint}",
    description: "Endpoints that have reported their load within the last minute",
    labels: ["grpc.target"],
  },
  "meshless.endpoints.retained": {
    side: "client",
    kind: "gauge",
    unit: "{endpoint}",
    description: "Endpoints that the source has left out, and that are kept because they serve",
    labels: ["grpc.target"],
  },
  "meshless.endpoint.changes": {
    side: "client",
    kind: "counter",
    unit: "{endpoint}",
    description: "Endpoints that came and went",
    labels: ["grpc.target", "meshless.change"],
  },
  "meshless.ejections": {
    side: "client",
    kind: "counter",
    unit: "{ejection}",
    description: "Endpoints that were ejected",
    labels: ["grpc.target"],
    optional: ["meshless.endpoint"],
  },
  "meshless.readmissions": {
    side: "client",
    kind: "counter",
    unit: "{readmission}",
    description: "Endpoints that are back from an ejection",
    labels: ["grpc.target"],
    optional: ["meshless.endpoint"],
  },
  "meshless.panic": {
    side: "client",
    kind: "gauge",
    unit: "1",
    description: "1 while so few endpoints are sound that ejections are ignored",
    labels: ["grpc.target"],
  },
  "grpc.subchannel.connection_attempts_succeeded": {
    side: "client",
    kind: "counter",
    unit: "{attempt}",
    description: "Sessions that were opened",
    labels: ["grpc.target"],
    optional: ["grpc.lb.locality"],
  },
  "grpc.subchannel.connection_attempts_failed": {
    side: "client",
    kind: "counter",
    unit: "{attempt}",
    description: "Sessions that could not be opened",
    labels: ["grpc.target"],
    optional: ["grpc.lb.locality"],
  },
  "grpc.subchannel.disconnections": {
    side: "client",
    kind: "counter",
    unit: "{disconnection}",
    description: "Sessions that ended",
    labels: ["grpc.target", "grpc.disconnect_error"],
    optional: ["grpc.lb.locality"],
  },
  "grpc.subchannel.open_connections": {
    side: "client",
    kind: "upDownCounter",
    unit: "{connection}",
    description: "Sessions that are open",
    labels: ["grpc.target"],
    optional: ["grpc.lb.locality"],
  },
  "meshless.session.ping.duration": {
    side: "client",
    kind: "histogram",
    unit: "s",
    description: "How long servers take to answer pings of HTTP/2",
    labels: ["grpc.target"],
    optional: ["grpc.lb.locality"],
    buckets: grpcSeconds,
  },
  "meshless.discovery.updates": {
    side: "client",
    kind: "counter",
    unit: "{update}",
    description: "What the source of endpoints told, and its troubles",
    labels: ["grpc.target", "meshless.result"],
  },
  "meshless.discovery.trouble": {
    side: "client",
    kind: "gauge",
    unit: "1",
    description: "1 while the last good endpoints stand in for what the source can't say",
    labels: ["grpc.target"],
  },
  "meshless.discovery.stale_time": {
    side: "client",
    kind: "gauge",
    unit: "s",
    description: "How long that has lasted; 0 while all is well",
    labels: ["grpc.target"],
  },
  "meshless.discovery.snapshot_age": {
    side: "client",
    kind: "gauge",
    unit: "s",
    description: "How old the endpoints of a snapshot file are, while they are in use; otherwise 0",
    labels: ["grpc.target"],
  },
  "meshless.credentials.renewals": {
    side: "client",
    kind: "counter",
    unit: "{renewal}",
    description: "Certificates that were read anew, could not be used, or that a server refused",
    labels: ["grpc.target", "meshless.result"],
  },
  "meshless.notices": {
    side: "client",
    kind: "counter",
    unit: "{notice}",
    description: "What was asked for and does less than it seems to",
    labels: ["grpc.target", "meshless.notice"],
  },
  "meshless.plug_in.failures": {
    side: "client",
    kind: "counter",
    unit: "{failure}",
    description: "Methods of policies, detectors and observers that failed; each is told once",
    labels: ["grpc.target", "meshless.plug_in"],
  },
  "rpc.server.call.duration": {
    side: "server",
    kind: "histogram",
    unit: "s",
    description: "Calls that handlers answered",
    labels: ["rpc.system.name", "rpc.method", "rpc.status_code", "error.type"],
    buckets: callSeconds,
  },
  "grpc.server.call.started": {
    side: "server",
    kind: "counter",
    unit: "{call}",
    description: "Calls that arrived at their handlers",
    labels: ["grpc.method"],
  },
  "grpc.server.call.duration": {
    side: "server",
    kind: "histogram",
    unit: "s",
    description: "The same as `rpc.server.call.duration`, by gRPC's names",
    labels: ["grpc.method", "grpc.status"],
    buckets: grpcSeconds,
  },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof metricCatalogue;
