import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { ConfigurationError } from "../../configuration-error.ts";
import { bootstrapOf, type ControlPlaneOptions, type Environment } from "./bootstrap.ts";

const insecure = { server_uri: "xds.infra:443", channel_creds: [{ type: "insecure" }], server_features: ["xds_v3"] };

function problemOf(environment: Environment, options: ControlPlaneOptions = {}): string {
  try {
    bootstrapOf(options, environment, undefined);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as Error).message;
  }
  throw new Error("expected it to be refused");
}

function problemOfGrpc(bootstrap: unknown): string {
  return problemOf({ GRPC_XDS_BOOTSTRAP_CONFIG: JSON.stringify(bootstrap) });
}

const ofGrpc = (bootstrap: unknown, options: ControlPlaneOptions = {}) =>
  bootstrapOf(options, { GRPC_XDS_BOOTSTRAP_CONFIG: JSON.stringify(bootstrap) }, "here");

const targetsOf = (environment: Environment, options: ControlPlaneOptions = {}) =>
  bootstrapOf(options, environment, undefined).servers.map(({ target }) => target);

describe("a bootstrap", () => {
  it("takes an address for endpoints by name, in h2c, from a client with a name of its own in its own zone", () => {
    expect(bootstrapOf({}, { MESHLESS_CONTROL_PLANE: "control-plane.infra:18000" }, "here")).toEqual({
      servers: [
        {
          label: "control plane control-plane.infra:18000 (MESHLESS_CONTROL_PLANE)",
          target: "dns:///control-plane.infra:18000",
          tls: false,
        },
      ],
      first: "endpoints",
      node: { id: `${hostname()}/${process.pid}`, cluster: "", metadata: undefined, locality: { region: "", zone: "here", subZone: "" } },
    });
  });

  it.each([
    ["10.0.0.1:18000", "static:///10.0.0.1:18000"],
    ["[fd00::1]:18000", "static:///[fd00::1]:18000"],
    ["dns:///a.b:1", "dns:///a.b:1"],
    ["static:///10.0.0.1:1,10.0.0.2:1", "static:///10.0.0.1:1,10.0.0.2:1"],
  ])("takes %s", (given, target) => {
    expect(targetsOf({}, { controlPlane: given })).toEqual([target]);
  });

  it("takes several, in their order", () => {
    expect(targetsOf({}, { controlPlane: ["a.b:1", "10.0.0.1:2"] })).toEqual(["dns:///a.b:1", "static:///10.0.0.1:2"]);
    const tls = { server_uri: "b:1", channel_creds: [{ type: "tls" }] };
    expect(ofGrpc({ xds_servers: [insecure, tls] }).servers).toEqual([
      { label: "control plane xds.infra:443 (GRPC_XDS_BOOTSTRAP_CONFIG)", target: "dns:///xds.infra:443", tls: false },
      { label: "control plane b:1 (GRPC_XDS_BOOTSTRAP_CONFIG)", target: "dns:///b:1", tls: true },
    ]);
  });

  it("takes code's word before its own variable, that before a file of gRPC's, and that before gRPC's text", () => {
    const folder = mkdtempSync(join(tmpdir(), "bootstrap-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, "bootstrap.json");
    writeFileSync(path, JSON.stringify({ xds_servers: [{ ...insecure, server_uri: "c:1" }] }));
    const all = {
      MESHLESS_CONTROL_PLANE: "b:1",
      GRPC_XDS_BOOTSTRAP: path,
      GRPC_XDS_BOOTSTRAP_CONFIG: JSON.stringify({ xds_servers: [{ ...insecure, server_uri: "d:1" }] }),
    };
    expect(targetsOf(all, { controlPlane: "a:1" })).toEqual(["dns:///a:1"]);
    expect(targetsOf(all)).toEqual(["dns:///b:1"]);
    expect(targetsOf({ ...all, MESHLESS_CONTROL_PLANE: "" })).toEqual(["dns:///c:1"]);
    expect(targetsOf({ ...all, MESHLESS_CONTROL_PLANE: "", GRPC_XDS_BOOTSTRAP: "" })).toEqual(["dns:///d:1"]);
  });

  it("of gRPC's format begins with the listener, and has the node that it says, but for what code says", () => {
    const node = { id: "me", cluster: "shop", locality: { region: "r", zone: "z", sub_zone: "s" }, metadata: { TEAM: "shop" }, more: 7 };
    const found = ofGrpc({ xds_servers: [insecure], node, authorities: {} });
    expect(found).toMatchObject({ servers: [{ target: "dns:///xds.infra:443", tls: false }], first: "listener" });
    const locality = { region: "r", zone: "z", subZone: "s" };
    expect(found.node).toEqual({ id: "me", cluster: "shop", metadata: { TEAM: "shop" }, locality });
    expect(ofGrpc({ xds_servers: [insecure] }).node.locality.zone).toBe("here");
    expect(ofGrpc({ xds_servers: [insecure], node }, { node: { id: "other" }, first: "endpoints" })).toMatchObject({
      first: "endpoints",
      node: { id: "other", cluster: "shop", locality },
    });
  });

  it("takes the first credentials of gRPC's that it knows", () => {
    const tlsOf = (...channel_creds: object[]) => ofGrpc({ xds_servers: [{ ...insecure, channel_creds }] }).servers[0]?.tls;
    expect(tlsOf({ type: "google_default" }, { type: "tls" }, { type: "insecure" })).toBe(true);
    const config = { ca_certificate_file: "/ca", certificate_file: "/cert", private_key_file: "/key", refresh_interval: "600s" };
    expect(tlsOf({ type: "tls", config })).toEqual({ files: { ca: "/ca", cert: "/cert", key: "/key" } });
  });

  it("takes the address of our chart in a pod of Kubernetes where nothing else is said, and its region from the environment", () => {
    const found = bootstrapOf({}, { KUBERNETES_SERVICE_HOST: "10.96.0.1", MESHLESS_REGION: "r" }, "z");
    expect(found.servers).toMatchObject([
      { label: "control plane meshless-control-plane.meshless:18000 (default in Kubernetes)", tls: false },
    ]);
    expect(found.node.locality).toEqual({ region: "r", zone: "z", subZone: "" });
    expect(targetsOf({ KUBERNETES_SERVICE_HOST: "10.96.0.1", MESHLESS_CONTROL_PLANE: "a:1" })).toEqual(["dns:///a:1"]);
    const region = bootstrapOf({ controlPlane: "a:1", node: { locality: { region: "q" } } }, { MESHLESS_REGION: "r" }, "").node.locality
      .region;
    expect(region).toBe("q");
  });

  it("takes TLS and the token from what the pod has mounted, but TLS to code's own control plane from code alone", () => {
    const folder = mkdtempSync(join(tmpdir(), "secrets-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const [ca, token] = [join(folder, "ca.crt"), join(folder, "token")];
    const found = (options: ControlPlaneOptions = {}) =>
      bootstrapOf(options, { MESHLESS_SECRETS: folder, MESHLESS_CONTROL_PLANE: "a:1" }, "").servers[0];
    expect(found()).toMatchObject({ tls: false });
    writeFileSync(token, "x");
    expect(found()).toMatchObject({ tls: false, usualTokenFile: token });
    writeFileSync(ca, "x");
    expect(found()).toMatchObject({ tls: { files: { ca } }, usualTokenFile: token });
    expect(found({ controlPlane: "b:1" })).toMatchObject({ tls: false, usualTokenFile: token });
  });

  it("takes the token of gRPC's that it knows", () => {
    const fileOf = (...call_creds: object[]) => ofGrpc({ xds_servers: [{ ...insecure, call_creds }] }).servers[0]?.tokenFile;
    expect(fileOf()).toBeUndefined();
    expect(fileOf({ type: "google" }, { type: "jwt_token_file", config: { jwt_token_file: "/token" } })).toBe("/token");
  });

  it("that can't be used is refused with its variable, its field, and what to write", () => {
    expect(problemOf({})).toMatch(/set MESHLESS_CONTROL_PLANE=host:port, or the option .*controlPlane.*, or GRPC_XDS_BOOTSTRAP/);
    expect(problemOf({ MESHLESS_CONTROL_PLANE: "http://a:1" })).toMatch(/^MESHLESS_CONTROL_PLANE: expected a host and a port, such as/);
    expect(problemOf({}, { controlPlane: "a" })).toMatch(/^discovery\.xds\.controlPlane: expected a host and a port/);
    expect(problemOf({}, { controlPlane: [] })).toMatch(/^discovery\.xds\.controlPlane: is empty; name the control plane/);
    expect(problemOf({}, { controlPlane: ["a:1", "b"] })).toMatch(/^discovery\.xds\.controlPlane\[1\]: expected a host and a port/);
    expect(problemOf({ MESHLESS_CONTROL_PLANE: "dns:///a" })).toMatch(
      /^MESHLESS_CONTROL_PLANE: dns: a has no port; write dns:\/\/\/a:8080/,
    );
    expect(problemOf({ GRPC_XDS_BOOTSTRAP: "/nowhere" })).toMatch(/^GRPC_XDS_BOOTSTRAP: .*ENOENT/);
    expect(problemOf({ GRPC_XDS_BOOTSTRAP_CONFIG: "{" })).toMatch(/^GRPC_XDS_BOOTSTRAP_CONFIG: it is no JSON/);
    expect(problemOfGrpc([])).toMatch(/^GRPC_XDS_BOOTSTRAP_CONFIG: expected an object, got \[\]/);
    expect(problemOfGrpc({})).toMatch(/^GRPC_XDS_BOOTSTRAP_CONFIG\.xds_servers: expected a list of servers, got nothing/);
    expect(problemOfGrpc({ xds_servers: [] })).toMatch(/xds_servers: is empty; name the control plane as server_uri there/);
    expect(problemOfGrpc({ xds_servers: [{ ...insecure, server_uri: "unix:/x" }] })).toMatch(
      /xds_servers\[0\]\.server_uri: expected a host/,
    );
    expect(problemOfGrpc({ xds_servers: [{ ...insecure, channel_creds: [{ type: "alts" }] }] })).toMatch(
      /xds_servers\[0\]\.channel_creds: expected one of type "insecure" or "tls", got "alts"/,
    );
    expect(problemOfGrpc({ xds_servers: [insecure, { ...insecure, channel_creds: [] }] })).toMatch(
      /xds_servers\[1\]\.channel_creds: expected one of type "insecure" or "tls", got nothing/,
    );
    expect(problemOfGrpc({ xds_servers: [{ ...insecure, call_creds: [{ type: "jwt_token_file" }] }] })).toMatch(
      /xds_servers\[0\]\.call_creds: jwt_token_file needs a config with jwt_token_file, the path of the token/,
    );
    expect(problemOfGrpc({ xds_servers: [insecure], node: { locality: { zone: 7 } } })).toMatch(
      /node\.locality\.zone: expected a text, got 7/,
    );
  });
});
