import { latencyColumns, lines, quantile, shareColumns, zones } from "./charted.ts";
import { colourOf } from "./colours.ts";
import { milliseconds, percent } from "./format.ts";
import { Plot } from "./plot.tsx";
import { inFocus, transport } from "./state.ts";
import { isDark } from "./theme.ts";

export function Charts() {
  return (
    <div class="charts">
      <figure class="card">
        <figcaption>
          <h2>Share of traffic</h2>
          <Legend />
        </figcaption>
        <Plot
          label="Share of traffic of each endpoint over the last minutes, stacked; the table has the figures"
          kind="stack"
          columns={shareColumns}
          scale={{ range: [0, 1] }}
          format={(share) => percent(share, 0)}
        />
      </figure>
      <figure class="card">
        <figcaption>
          <h2>Latency by endpoint</h2>
          <Quantiles />
        </figcaption>
        <Plot
          label="Latency of each endpoint over the last minutes; the table has the figures"
          kind="lines"
          columns={latencyColumns}
          scale={{ distr: 3, range: (_, least, most) => roomFor(least, most) }}
          format={milliseconds}
        />
      </figure>
    </div>
  );
}

/** From a round number to a round number; without any value there is a scale as well. */
function roomFor(leastMs: number | null, mostMs: number | null): [number, number] {
  if (leastMs === null || mostMs === null) return [1, 100];
  return [roundDown(leastMs * 0.9), 1 / roundDown(1 / (mostMs * 1.1))];
}

/** 1, 2 or 5 times a power of ten. */
function roundDown(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * (value / power >= 5 ? 5 : value / power >= 2 ? 2 : 1);
}

/** The endpoint in focus with its figures; otherwise what colours mean. */
function Legend() {
  const line = lines.value.find(({ id }) => id === inFocus.value);
  if (line !== undefined) {
    const traffic = transport.value?.endpoints.find(({ endpoint }) => endpoint.id === line.id)?.traffic;
    return (
      <p class="legend">
        <span>
          <Swatch colour={line.colour} />
          <b>{line.id}</b> {line.zone} · {percent(traffic?.share)} · {milliseconds(traffic?.p50Ms)}
        </span>
      </p>
    );
  }
  if (zones.value.length < 2) return <p class="legend muted">a colour an endpoint</p>;
  return (
    <p class="legend">
      {zones.value.map((zone, place) => (
        <span key={zone}>
          <Swatch colour={colourOf(place, 0, zones.value.length, isDark.value)} />
          {zone || "no zone"}
        </span>
      ))}
    </p>
  );
}

export function Swatch({ colour }: { readonly colour: string | undefined }) {
  return <i class="swatch" style={{ background: colour ?? "transparent" }} />;
}

function Quantiles() {
  return (
    <fieldset class="choice">
      <legend class="unseen">Which latency is charted</legend>
      {(["p50Ms", "p99Ms"] as const).map((name) => (
        <label key={name}>
          <input type="radio" name="quantile" checked={quantile.value === name} onChange={() => (quantile.value = name)} />
          {name.slice(0, 3)}
        </label>
      ))}
    </fieldset>
  );
}
