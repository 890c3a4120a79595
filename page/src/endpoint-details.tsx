import type { ComponentChildren } from "preact";
import type { DebuggedEndpoint } from "../../src/debug/debug-snapshot.ts";
import { count, milliseconds, percent, span } from "./format.ts";

/** All that is known of one endpoint. */
export function EndpointDetails({ row }: { readonly row: DebuggedEndpoint }) {
  const { endpoint, reason, policySays, outcomes, sessions, report, reportAgeMs = 0, lastFailure, traffic } = row;
  const labels = Object.entries(endpoint.labels).map(([name, value]) => `${name} ${value}`);
  const counted = Object.entries(outcomes).filter(([, times]) => times > 0);
  return (
    <dl>
      <Fact name="Why">
        {reason}
        {policySays !== undefined && <p>{policySays}</p>}
      </Fact>
      <Fact name="From discovery">
        {`${endpoint.address}:${endpoint.port}, ${endpoint.health}, weight ${endpoint.weight}, priority ${endpoint.priority}`}
        {endpoint.locality !== undefined && `, region ${endpoint.locality.region || "–"}, zone ${endpoint.locality.zone || "–"}`}
        {labels.length > 0 && `, ${labels.join(", ")}`}
      </Fact>
      <Fact name="Outcomes so far">
        {counted.length === 0 ? "none" : counted.map(([kind, times]) => `${count(times)} ${kind}`).join(", ")}
      </Fact>
      <Fact name="Sessions">
        {sessions.length === 0 && "none"}
        {sessions
          .map(
            ({ phase, streams, maxStreams }) =>
              `${phase}, ${streams} of ${maxStreams >= 2 ** 31 ? "any number of" : count(maxStreams)} streams`,
          )
          .join("; ")}
      </Fact>
      <Fact name="Its report">
        {report === undefined
          ? "none: it is rated by this client's own calls"
          : [
              `${percent(report.utilization)} utilised`,
              `${count(report.requestsPerSecond)} calls/s`,
              `${count(report.errorsPerSecond)} errors/s`,
              ...(report.inFlight === undefined ? [] : [`${count(report.inFlight)} in flight`]),
              ...(report.latencyMs === undefined ? [] : [milliseconds(report.latencyMs)]),
              ...(report.eventLoopDelayMs === undefined ? [] : [`its event loop is ${milliseconds(report.eventLoopDelayMs)} late`]),
              ...(report.warmUp === undefined ? [] : [`${percent(report.warmUp, 0)} warm`]),
              `${span(reportAgeMs)} ago`,
            ].join(", ")}
      </Fact>
      {traffic.lastError !== undefined && (
        <Fact name="Last error">
          {span(traffic.lastError.agoMs)} ago: {traffic.lastError.message}
        </Fact>
      )}
      {lastFailure !== undefined && <Fact name="Last connection">{lastFailure}</Fact>}
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
