import { type Panel, panelRows } from "./panels.ts";

const datasource = { type: "prometheus", uid: "$datasource" };
const columns = 3;
const width = 24 / columns;
const height = 8;

/** As Grafana imports it. */
export function dashboard(): string {
  const rows = panelRows("$__rate_interval", 'grpc_target=~"$target"');
  const panels: object[] = [];
  let y = 0;
  for (const [title, inRow] of Object.entries(rows)) {
    panels.push({ id: panels.length + 1, type: "row", title, collapsed: false, panels: [], gridPos: { h: 1, w: 24, x: 0, y: y++ } });
    inRow.forEach((panel, index) => {
      const gridPos = { h: height, w: width, x: (index % columns) * width, y: y + Math.floor(index / columns) * height };
      panels.push({ id: panels.length + 1, ...toGrafana(panel), gridPos });
    });
    y += Math.ceil(inRow.length / columns) * height;
  }
  return `${JSON.stringify({ ...frame, panels }, undefined, 2)}\n`;
}

function toGrafana({ title, unit, description, lines }: Panel): object {
  const targets = Object.entries(lines).map(([legendFormat, expr], index) => ({
    refId: String.fromCharCode(65 + index),
    datasource,
    expr,
    legendFormat,
  }));
  const custom = { lineWidth: 1, fillOpacity: 10, showPoints: "never" };
  const fieldConfig = { defaults: { unit, min: 0, custom }, overrides: [] };
  return { type: "timeseries", title, description, datasource, fieldConfig, options: { legend: { displayMode: "list" } }, targets };
}

const frame = {
  title: "meshless",
  uid: "meshless",
  description: "Client-side load balancing: calls, endpoints, sessions and discovery. Made by `npm run telemetry -- --write`.",
  tags: ["meshless", "grpc", "connect"],
  schemaVersion: 39,
  editable: true,
  refresh: "30s",
  time: { from: "now-1h", to: "now" },
  templating: {
    list: [
      { name: "datasource", label: "Data source", type: "datasource", query: "prometheus" },
      {
        name: "target",
        label: "Target",
        type: "query",
        datasource,
        query: { query: "label_values(meshless_endpoints, grpc_target)", refId: "target" },
        refresh: 2,
        includeAll: true,
        allValue: ".*",
        multi: true,
        current: { text: "All", value: "$__all" },
      },
    ],
  },
};
