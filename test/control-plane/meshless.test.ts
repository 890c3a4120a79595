import { describe, expect, it } from "vitest";
import { use } from "../support/use.ts";
import { Callers } from "./callers.ts";
import type { Shares } from "./constant-caller.ts";
import { meshlessPeer } from "./meshless-peer.ts";
import type { PlaneSite } from "./plane-site.ts";
import type { Services } from "./services-file.ts";
import { Stage, service } from "./stage.ts";
import { Stranger } from "./stranger.ts";

const all =
  (...names: readonly string[]) =>
  (share: Shares) =>
    names.every((name) => share(name) > 0.1);

/** What published clients do not survive, or nobody promised them. */
describe.each(["endpoints", "listener"] as const)("our own client, asking for the %s first", (first) => {
  async function calling(method: "echo" | "update") {
    const stage = use(await Stage.start());
    const { site } = stage;
    stage.serve(stage.at(0), stage.at(1), stage.at(2), stage.at(3));
    const callers = use(await Callers.start([meshlessPeer(first, method)], site.port, service));
    await callers.until(all("s0", "s1", "s2", "s3"));
    return { stage, site, callers };
  }

  const faults: Readonly<Record<string, readonly [begin: (site: PlaneSite) => unknown, end: (site: PlaneSite) => unknown]>> = {
    "is dead": [(site) => site.kill(), (site) => site.startAgain()],
    hangs: [(site) => site.hang(), (site) => site.wake()],
  };
  it.for(Object.entries(faults))(
    "loses no call that may be repeated where half of the servers are replaced while the control plane %s",
    { timeout: 400_000 },
    async ([, [begin, end]]) => {
      const { stage, site, callers } = await calling("echo");
      await begin(site);
      for (const lost of [0, 1]) {
        await stage.kill(lost);
        await callers.carryOn();
      }
      stage.serve(stage.at(2), stage.at(3), stage.at(await stage.add("s4")), stage.at(await stage.add("s5")));
      await callers.carryOn();
      await end(site);
      await callers.until(all("s2", "s3", "s4", "s5"));
      expect(callers.failures).toEqual({});
    },
  );

  it("loses no call where it is told of another service instead, and hears of its own once it may", { timeout: 200_000 }, async () => {
    const { stage, site, callers } = await calling("update");
    const stranger = use(await Stranger.start());
    await site.giveWayTo(stranger.port);
    await stranger.answered();
    await callers.carryOn();
    stage.serve(stage.at(1), stage.at(2));
    await site.move();
    await stranger[Symbol.asyncDispose]();
    await callers.until((share) => share("s0") === 0 && share("s1") > 0.3);
    expect(callers.failures).toEqual({});
  });

  it("loses no call where the control plane is back long before it knows its services", { timeout: 300_000 }, async () => {
    const { stage, site, callers } = await calling("update");
    await site.kill();
    site.file.remove();
    await site.startAgain();
    await callers.carryOn();
    stage.serve(stage.at(1), stage.at(2));
    await callers.until((share) => share("s0") === 0 && share("s1") > 0.3);
    expect(callers.failures).toEqual({});
  });

  const emptied: Readonly<Record<string, Services>> = { "no services": {}, "the service without endpoints": { [service]: {} } };
  it.for(Object.entries(emptied))(
    "loses no call where the control plane comes back with %s",
    { timeout: 200_000 },
    async ([, services]) => {
      const { stage, site, callers } = await calling("update");
      await site.kill();
      site.file.write(services);
      await site.startAgain();
      await site.told();
      await callers.carryOn();
      stage.serve(stage.at(1), stage.at(2));
      await callers.until((share) => share("s0") === 0 && share("s1") > 0.3);
      expect(callers.failures).toEqual({});
    },
  );
});
