import type { TestedScenario } from "./scenario.ts";

/** Faults of which tests over real sockets, or in virtual time, say more than a run under load could. */
export const testedScenarios: readonly TestedScenario[] = [
  { id: "F7", title: "SYN without an answer; lost packets; cable pulled", tests: ["test/network/lost-packets.test.ts"] },
  {
    id: "F9",
    title: "slow readers, flow control that stalls",
    tests: ["test/network/stopped-peer.test.ts", "test/hostile/slow-reader.test.ts", "test/transport/back-pressure.test.ts"],
  },
  { id: "F11", title: "MAX_CONCURRENT_STREAMS of 1, 10, 100, lowered at run time", tests: ["test/transport/concurrent-streams.test.ts"] },
  {
    id: "F12",
    title: "resets of all flavours, REFUSED_STREAM, too_many_pings",
    tests: ["test/interop/negative-http2.test.ts", "test/transport/stream-reset.test.ts", "test/network/ping-pace.test.ts"],
  },
  { id: "F17", title: "control plane down", tests: ["test/xds/process.test.ts", "test/control-plane/process.test.ts"] },
  {
    id: "F18",
    title: "control plane restarts with nothing to say yet",
    tests: ["test/control-plane/reconnect.test.ts", "test/transport/shrink-guard.test.ts"],
  },
  { id: "F19", title: "poisoned configuration", tests: ["test/xds/poisoned-server.test.ts", "test/fuzz/xds.test.ts"] },
  { id: "F20", title: "cold start without a control plane", tests: ["test/xds/snapshot.test.ts", "test/xds/fallback.test.ts"] },
  { id: "F21", title: "apiserver's faults", tests: ["test/kubernetes/reflector.property.test.ts"] },
  { id: "F23", title: "DNS: NXDOMAIN, SERVFAIL, timeout, empty", tests: ["src/discovery/dns-source.test.ts"] },
  { id: "F25", title: "thundering herd", tests: ["test/control-plane/reconnect.test.ts"] },
  {
    id: "F28",
    title: "two minutes of servers that come and go, cuts, resets and GOAWAYs: nothing grows",
    command: ["--expose-gc", "test/soak/main.ts", "--minutes", "2"],
  },
  { id: "F29", title: "close and dispose under load", tests: ["test/transport/close.test.ts", "test/transport/open-sockets.test.ts"] },
];
