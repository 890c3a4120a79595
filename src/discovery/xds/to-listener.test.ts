import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { packed, problemsOf, readGood } from "../../../test/xds/read-resource.ts";
import { ListenerSchema } from "../../gen/envoy/config/listener/v3/listener_pb.ts";
import { RouterSchema } from "../../gen/envoy/extensions/filters/http/router/v3/router_pb.ts";
import { HttpConnectionManagerSchema } from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.ts";
import { listenerKind } from "./xds-kinds.ts";

type Manager = MessageInitShape<typeof HttpConnectionManagerSchema>;

const router = filter("router", packed(RouterSchema, {}));
const rds = (routeConfigName: string): NonNullable<Manager["routeSpecifier"]> => ({
  case: "rds",
  value: { routeConfigName, configSource: { configSourceSpecifier: { case: "ads", value: {} } } },
});

function filter(name: string, typedConfig: Any, isOptional = false) {
  return { name, isOptional, configType: { case: "typedConfig" as const, value: typedConfig } };
}

function other(name: string, value = ""): Any {
  return { ...packed(RouterSchema, {}), typeUrl: `type.googleapis.com/${name}`, value: Buffer.from(value) };
}

function listener(manager: Manager) {
  const given = { routeSpecifier: rds("routes"), httpFilters: [router], ...manager } as Manager;
  return { name: "checkout.shop", apiListener: { apiListener: packed(HttpConnectionManagerSchema, given) } };
}

const read = (manager: Manager) => readGood(listenerKind, ListenerSchema, listener(manager));
const problems = (manager: Manager) => problemsOf(listenerKind, ListenerSchema, listener(manager));

describe("a listener", () => {
  it("has its routes, or names them", () => {
    expect(read({})).toEqual({ kind: "listener", name: "checkout.shop", routes: { kind: "named", name: "routes" } });
    const inline = read({ routeSpecifier: { case: "routeConfig", value: { name: "inline", virtualHosts: [{ domains: ["*"] }] } } });
    expect(inline.routes).toMatchObject({ kind: "routes", name: "inline", virtualHosts: [{ domains: ["*"] }] });
  });

  it("may have filters that are optional, and the fault filter if it does nothing", () => {
    const fault = other("envoy.extensions.filters.http.fault.v3.HTTPFault");
    expect(read({ httpFilters: [filter("fault", fault), filter("acme", other("acme.Filter"), true), router] }).kind).toBe("listener");
  });

  it.each<[string, Manager, string]>([
    ["no router", { httpFilters: [] }, "http_filters: the last is no router"],
    [
      "a router before the end",
      { httpFilters: [router, router] },
      `http_filters[0]: expected the router at the end, and before it what is optional, got "router"`,
    ],
    ["a filter that may not be left out", { httpFilters: [filter("acme", other("acme.Filter")), router] }, `http_filters[0]: expected`],
    [
      "faults to inject",
      { httpFilters: [filter("fault", other("envoy.extensions.filters.http.fault.v3.HTTPFault", "x")), router] },
      "http_filters[0]: expected",
    ],
    ["no routes", { routeSpecifier: { case: undefined } }, "has neither rds nor route_config"],
    ["routes without a name", { routeSpecifier: rds("") }, "rds.route_config_name: is missing"],
    [
      "routes from elsewhere",
      { routeSpecifier: { case: "rds", value: { routeConfigName: "x" } } },
      "rds.config_source: neither ads nor self",
    ],
    [
      "routes that make no sense",
      { routeSpecifier: { case: "routeConfig", value: { virtualHosts: [{}] } } },
      "api_listener.api_listener.route_config.virtual_hosts[0]: has no domains",
    ],
  ])("is refused with %s", (_, manager, problem) => {
    expect(problems(manager)[0]).toContain(problem);
  });

  it("is refused if it is for servers, or something else", () => {
    expect(problemsOf(listenerKind, ListenerSchema, { name: "a" })).toEqual(["api_listener: is missing: this listener is for servers"]);
    expect(problemsOf(listenerKind, ListenerSchema, { name: "a", apiListener: { apiListener: other("acme.Thing") } })).toEqual([
      'api_listener.api_listener: expected an HttpConnectionManager, got "type.googleapis.com/acme.Thing"',
    ]);
  });
});
