import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { startEchoServer } from "../support/echo-server.ts";
import { use } from "../support/use.ts";
import { AdsServer } from "./ads-server.ts";
import { setEndpoints } from "./service-resources.ts";

const run = promisify(execFile);

/** What a process of its own prints that runs this module. */
async function print(code: string, environment: Readonly<Record<string, string>> = {}): Promise<string> {
  const options = { env: { ...process.env, ...environment }, timeout: 20_000 };
  return (await run(process.execPath, ["--input-type=module", "--eval", code], options)).stdout;
}

const loaded = `
  import { registerHooks } from "node:module";
  const urls = [];
  registerHooks({ load: (url, context, next) => { urls.push(url); return next(url, context); } });
`;

it("what speaks xDS is loaded with the first xds: target, and not before", async () => {
  const count = `urls.filter((url) => url.includes("/src/gen/envoy/")).length`;
  const counts = await print(
    `${loaded}
    const { createBalancedTransport } = await import("./src/index.ts");
    await createBalancedTransport("static:///127.0.0.1:1").close();
    console.log(${count});
    const transport = createBalancedTransport("xds:///shop:1");
    const timer = setInterval(() => {}, 1_000);
    for await (const { type } of transport.events()) if (type === "sourceError") break;
    clearInterval(timer);
    console.log(${count} > 5);`,
    { MESHLESS_CONTROL_PLANE: "127.0.0.1:1" },
  );
  expect(counts).toBe("0\ntrue\n");
});

it("a transport that nobody closed does not hold the process by its stream", async () => {
  const server = use(await startEchoServer());
  const plane = use(await AdsServer.start());
  setEndpoints(plane, "shop:1", [server]);
  const printed = await print(
    `import { createClient } from "@connectrpc/connect";
    import { createBalancedTransport } from "./src/index.ts";
    import { EchoService } from "./test/gen/meshless/testing/v1/echo_pb.ts";
    const { text } = await createClient(EchoService, createBalancedTransport("xds:///shop:1")).echo({ text: "hi" });
    console.log(text);`,
    { MESHLESS_CONTROL_PLANE: plane.address },
  );
  expect(printed).toBe("hi\n");
});
