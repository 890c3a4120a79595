import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startEchoServer } from "../support/echo-server.ts";
import { use } from "../support/use.ts";
import { InstalledPackage, peers, subpaths } from "./installed-package.ts";

describe("the packed tarball, installed with its peers", () => {
  let user: InstalledPackage;

  beforeAll(() => {
    user = new InstalledPackage();
  }, 120_000);

  afterAll(() => user.remove());

  test("brings nothing else along", () => {
    expect(user.packages()).toEqual(["meshless", ...peers].sort());
  });

  const ofOptionalPeer = "meshless/observability";

  async function expectToLoad(subpath: string): Promise<void> {
    const count = "console.log(Object.keys(loaded).length)";
    const imported = await user.node("--input-type=module", "-e", `import * as loaded from "${subpath}"; ${count}`);
    const required = await user.node("--input-type=commonjs", "-e", `const loaded = require("${subpath}"); ${count}`);
    expect(Number(imported)).toBeGreaterThan(0);
    expect(required).toBe(imported);
  }

  test.each(subpaths.filter((subpath) => subpath !== ofOptionalPeer))("%s loads by import and by require", (subpath) =>
    expectToLoad(subpath),
  );

  for (const script of ["call.mjs", "call.cjs"]) {
    test(`${script} is answered`, async () => {
      const servers = [use(await startEchoServer()), use(await startEchoServer())];
      const output = await user.node(script, servers.map(({ address }) => address).join(","));
      expect(JSON.parse(output)).toEqual({
        createBalancedTransport: "hello from createBalancedTransport",
        balanced: "hello from balanced",
      });
      expect(servers.flatMap(({ calls }) => calls)).toHaveLength(2);
    });
  }

  // Not call.cjs: our types name those of Connect's ES modules, which the compiler does not take for those of its CommonJS copy.
  test("its types fit an ES module", () => {
    expect(user.typecheck("call.mjs")).toBe("");
  });

  test("a policy, a source and an observer as README.md and docs/architecture.md have them fit the types, and are called", async () => {
    expect(user.typecheck("plug-ins.mts")).toBe("");
    const servers = [use(await startEchoServer()), use(await startEchoServer())];
    const output = await user.node("plug-ins.mts", servers.map(({ address }) => address).join(","));
    expect(JSON.parse(output)).toEqual({ answered: 2, failures: 0, says: "busy by 0" });
  });

  test(`${ofOptionalPeer} loads once its optional peer is there`, async () => {
    await expect(expectToLoad(ofOptionalPeer)).rejects.toThrow("@opentelemetry/api");
    user.addOptionalPeers();
    await expectToLoad(ofOptionalPeer);
  });
});
