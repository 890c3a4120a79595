/** What an option must not be, and what it may be by the sentence that says so. */
export interface Wrong {
  readonly what: string;
  readonly values: readonly unknown[];
  /** Of the options that it holds. */
  readonly inside: WrongOptions;
  /** Whether names that are not known belong to somebody else. */
  readonly isOpen: boolean;
}

export type WrongOptions = Readonly<Record<string, Wrong>>;

function wrong(what: string, ...values: readonly unknown[]): Wrong {
  return { what, values, inside: {}, isOpen: false };
}

function group(inside: WrongOptions, what = "an object", ...values: readonly unknown[]): Wrong {
  return { what, values: [7, "x", null, [], ...values], inside, isOpen: false };
}

const anything = (what: string): Wrong => ({ ...group({}, what), isOpen: true });
const atLeast = (least: number, unit = "number") => wrong(`a ${unit}, ${least} or more`, least - 1, String(least), NaN, null);
const above = (bound: number, unit = "number") => wrong(`a ${unit} above ${bound}`, bound, bound - 1, NaN, "many");
const durationMs = (least = 0) => ({ ...atLeast(least, "number of milliseconds"), values: [least - 1, "10s", NaN, null, {}] });
const whole = (least: number, most?: number) => {
  const range = most === undefined ? `, ${least} or more` : ` from ${least} to ${most}`;
  return wrong(`a whole number${range}`, least - 1, least + 0.5, String(least), NaN, ...(most === undefined ? [] : [most + 1]));
};

const someMs = above(0, "number of milliseconds");
const share = wrong("a number from 0 to 1", -0.1, 1.1, 92, NaN, "half");
const percent = wrong("a number from 0 to 100", -1, 101, NaN, "10 %");
const flag = wrong("true or false", 0, "yes", null, {});
const text = wrong("a text", 7, true, null, {});
const method = wrong("a method", 7, "now", undefined);
const clock = wrong("a clock with the methods now and after", 7, Date.now, null, "utc");
const random = wrong("a function that returns a number from 0 on and below 1", 0.5, "x", null, Math);
const interceptors = wrong("a list of interceptors", "x", {}, () => {}, null);
const compression = wrong("a compression, such as compressionGzip", "gzip", null, () => {}, 7);

const ejection = group(
  {
    detectors: wrong("a list of detectors", "x", {}, () => {}, null),
    baseMs: durationMs(),
    maxMs: durationMs(),
    multiplier: wrong("a number from 1 to 1000", 0.5, 1_001, Infinity, "2"),
    steadyMs: durationMs(),
    jitter: share,
    maxEjectedShare: share,
  },
  "options, false, or what outlierDetection() returns",
  true,
);

const balancing: WrongOptions = {
  policy: wrong("a policy, such as roundRobin()", "round_robin", null, {}, 7),
  ejection,
  panicThreshold: share,
  slowStart: group({ windowMs: someMs, aggression: above(0), minShare: share }, "options or false", true),
  spill: group({ aboveUtilization: share, penalty: atLeast(1) }),
  limits: group({ maxCalls: whole(1), maxCallsPerEndpoint: whole(1), maxPending: whole(0), pendingTimeoutMs: durationMs() }),
  overprovisioningFactor: wrong("a number from 1 to 10", 0.9, 140, Infinity, NaN, "1.4"),
  zone: text,
  node: text,
  affinity: wrong('"zone" or "node" or "nodeOnly"', "region", true, null),
};

const dns: WrongOptions = {
  resolver: wrong("a resolver with the methods lookup and resolveSrv", "8.8.8.8", null, () => {}, 7),
  refreshIntervalMs: someMs,
  minRefreshIntervalMs: durationMs(),
  timeoutMs: someMs,
  family: wrong("4 or 6", 5, "4", null, 0),
  clock,
  random,
};
const file: WrongOptions = { settleMs: durationMs(), pollIntervalMs: someMs, maxBytes: atLeast(1), clock };

const nodeSession: WrongOptions = {
  pingIntervalMs: durationMs(),
  pingTimeoutMs: durationMs(1),
  pingIdleConnection: flag,
  idleConnectionTimeoutMs: durationMs(),
};

const authority = 'a host with an optional numeric port, such as "checkout.shop" or "checkout.shop:8080"';
const tls: WrongOptions = {
  files: group({ ca: text, cert: text, key: text }),
  spiffe: group({ trustDomain: text, id: wrong("a text, a pattern or a function", 7, null, {}, []) }),
};

const xds: WrongOptions = {
  controlPlane: wrong("a text, or a list of texts", 7, true, null, {}),
  node: group({
    id: text,
    cluster: text,
    locality: group({ region: text, zone: text, subZone: text }),
    metadata: wrong("an object that is JSON", 7, "x", null, []),
  }),
  first: wrong('"endpoints" or "listener"', "eds", 7, null, {}),
  tls: { ...group(tls, "true, false or options"), isOpen: true },
  allowAddresses: wrong("a list of IP addresses and ranges such as 127.0.0.0/8", "127.0.0.0/8", {}, null, 7),
  snapshotFile: wrong("the path of a file", "", 7, null, {}),
  tokenFile: wrong("the path of a file, or false", "", 7, true, null),
  allowPlaintextToken: flag,
};

const codes = wrong("a list of codes", "unavailable", {}, null, 14);
const methodRetry: WrongOptions = {
  maxAttempts: whole(1, 10),
  codes,
  backoff: group({ baseMs: durationMs(), maxMs: durationMs(), multiplier: above(0) }),
  perAttemptTimeoutMs: someMs,
};
const budget = group({ share, minPerSecond: wrong("a number from 0 to 1000", -1, 1_001, NaN, "1") });

const transport: WrongOptions = {
  ...balancing,
  retry: group({ ...methodRetry, budget }, "options or false", true),
  methods: wrong("a list of methods with their options", {}, "pay", null, 7),
  waitForReady: flag,
  serviceConfig: group({
    methodConfig: wrong("a list of method configs", {}, "pay", null, 7),
    retryThrottling: group({
      maxTokens: wrong("a number above 0 up to 1000", 0, 1_001, "10", NaN),
      tokenRatio: above(0),
    }),
    loadBalancingConfig: wrong("nothing: endpoints are chosen by the option policy, such as roundRobin()", [{ round_robin: {} }], "x", 7),
    loadBalancingPolicy: wrong("nothing: endpoints are chosen by the option policy, such as roundRobin()", "round_robin", null, 7),
  }),
  authority: wrong(authority, "https://checkout.shop", "checkout.shop:grpc", "", 7),
  subset: group({ size: whole(1), clientId: text }),
  shrinkGuard: group({ minShare: share, maxMs: durationMs(), maxEndpoints: whole(1) }, "options or false", true),
  endpointsTimeoutMs: durationMs(),
  pushback: flag,
  reportIntervalMs: wrong("a number of milliseconds from 100 to 3600000", 99, 3_600_001, Infinity, NaN, "1s"),
  session: group({ ...nodeSession, connectTimeoutMs: durationMs(1), maxSessionsPerEndpoint: whole(1) }),
  attemptInterceptors: interceptors,
  discovery: group({ dns: group(dns), file: group(file), xds: group(xds) }),
  logger: wrong("a logger such as pino's, with the methods debug, info, warn, error", "pino", null, 7, () => {}),
  observer: wrong("an observer, with an onCall method", "metrics", null, 7, () => {}),
  telemetry: wrong("telemetry({ ... }) of meshless/observability", "otel", null, 7, () => {}),
  clock,
  random,
};

const maxBytes = 2 ** 32 - 1;
const protocol: WrongOptions = {
  useBinaryFormat: flag,
  interceptors,
  jsonOptions: anything("an object"),
  binaryOptions: anything("an object"),
  acceptCompression: wrong("a list of compressions", "gzip", {}, null, () => {}),
  sendCompression: compression,
  compressMinBytes: atLeast(-1),
  readMaxBytes: whole(1, maxBytes),
  writeMaxBytes: whole(1, maxBytes),
  useHttpGet: flag,
  defaultTimeoutMs: durationMs(),
};

const sampler: WrongOptions = {
  maxInFlight: above(0),
  minIntervalMs: durationMs(),
  clock: { ...wrong("a clock with the method now", 7, Date.now, null), inside: { now: method }, isOpen: true },
  eventLoop: wrong("a function that returns utilization and delayMs", 0.5, {}, null),
};

const outliers = { enforcementPercentage: percent, minimumHosts: atLeast(0), requestVolume: atLeast(0) };

/** Of every public function, by the names of its options. */
export const wrongOptions: Readonly<Record<string, WrongOptions>> = {
  createBalancedTransport: {
    ...transport,
    ...protocol,
    protocol: wrong('"connect" or "grpc" or "grpc-web"', "http", "GRPC", null),
    tls: { ...group(tls, "true, false or options"), isOpen: true },
  },
  "balanced, options": {
    ...transport,
    target: wrong('a text such as "dns:///checkout.shop:8080", or a source with a watch method', 7, null, () => {}, []),
    tls: { ...group(tls), isOpen: true },
  },
  "balanced, theirs": {
    ...protocol,
    ...nodeSession,
    baseUrl: wrong('an http or https URL, such as "http://checkout.shop:8080"', "checkout.shop:8080", "ftp://a", 7, undefined),
    httpVersion: wrong(`"2", since HTTP/1.1 can't be balanced per call (h2c works without TLS)`, "1.1", "3", 2),
    sessionManager: wrong("nothing: meshless keeps sessions of its own, which the session option tunes", {}, null, "mine"),
    nodeOptions: anything("an object"),
  },
  "BalancedTransport.close": { graceMs: durationMs() },
  "BalancedTransport.ready": { signal: wrong("an AbortSignal", {}, null, new AbortController()) },
  serveDebugPage: {
    transports: wrong("a list of balanced transports", "x", {}, null, undefined),
    port: whole(0, 65_535),
    host: wrong('"127.0.0.1" or "::1"', "0.0.0.0", "localhost", 7, null),
    name: text,
    clock,
  },
  createPageHandler: {
    file: wrong("the URL of a file", "page.html", new URL("http://a/"), null, undefined),
    snapshot: wrong("a function", {}, null, undefined),
    isOwnName: wrong("a function", "localhost", [], null),
    clock,
  },
  createBalancer: { ...balancing, random: { ...random, values: [...random.values, undefined] }, onEvent: wrong("a function", 7, null, {}) },
  outlierDetection: {
    intervalMs: someMs,
    baseEjectionMs: durationMs(),
    maxEjectionMs: durationMs(),
    maxEjectionPercent: percent,
    successRateEjection: group({ ...outliers, stdevFactor: atLeast(0) }, "options or false", true),
    failurePercentageEjection: group({ ...outliers, threshold: percent }, "options or false", true),
  },
  consecutiveFailures: { failures: atLeast(1) },
  successRate: { atMost: share, belowMedianBy: share, minRequests: atLeast(1), windowMs: someMs },
  maglev: { tableSize: wrong("a prime number up to 5000011", 65_536, 1, 2.5, 5_000_077, "7"), boundedLoad: above(1) },
  ringHash: { minRingSize: whole(1, 8_388_608), maxRingSize: whole(1, 8_388_608), boundedLoad: above(1) },
  peakEwma: { decayMs: someMs, penaltyMs: durationMs() },
  retryPolicy: methodRetry,
  powerOfTwo: { choices: whole(2) },
  prequalHcl: { hotQuantile: share, latencyFadeMs: someMs },
  weightedRoundRobin: {
    blackoutMs: durationMs(),
    expirationMs: someMs,
    updateMs: durationMs(100),
    errorUtilizationPenalty: atLeast(0),
    maxShare: above(1),
    raiseMs: durationMs(),
  },
  subset: { size: { ...whole(1), values: [0, 1.5, NaN, undefined] }, clientId: { ...text, values: [7, null, undefined] }, zone: text },
  dnsSource: dns,
  fileSource: file,
  watchFiles: file,
  sourceFor: { dns: group(dns), file: group(file), clock, random },
  createHealthReporter: {
    ...sampler,
    warmUp: group(
      {
        calls: wrong("a list of functions of a transport", {}, () => {}, null),
        recording: group({
          file: wrong("the path of a file", "", 7, null),
          methods: wrong("a list of methods", "pay", {}, null),
          redact: wrong("a list of names of fields", "password", {}, null),
          maxCallsPerMethod: whole(1),
          maxBytes: whole(1),
          random,
        }),
        protocol: wrong('"connect" or "grpc" or "grpc-web"', "http", "GRPC", null),
        concurrency: whole(1),
        minCalls: whole(1),
        timeLimitMs: durationMs(),
        clock,
        eventLoop: sampler.eventLoop as Wrong,
      },
      "a function, or options",
    ),
    limit: group(
      {
        priority: wrong("a function that returns critical, normal or sheddable", "critical", {}, null),
        minLimit: whole(1),
        maxLimit: whole(1),
        random,
      },
      "true, false or options",
    ),
    pushback: group({ limit: wrong("a number above 0, or a function", 0, NaN, "many"), maxShare: share }, "true, false or options"),
  },
  "HealthReporter.drainOnSignal": {
    drainDelayMs: durationMs(),
    gracePeriodMs: durationMs(),
    signals: wrong("a list of signals", "SIGTERM", {}, null, 15),
    process: wrong("a process with the methods on and exit", 7, "x", null),
    clock,
  },
  healthReporting: sampler,
  orcaService: { minIntervalMs: someMs, maxStreams: whole(1), clock },
  protect: { stallTimeoutMs: durationMs(), clock },
  telemetry: {
    tracerProvider: wrong("a TracerProvider, such as trace.getTracerProvider()", "global", null, 7, () => {}),
    meterProvider: wrong("a MeterProvider, such as metrics.getMeterProvider()", "global", null, 7, () => {}),
    propagator: wrong("a TextMapPropagator", "w3c", null, 7, () => {}),
    labels: wrong("a list of labels", "meshless.endpoint", {}, null, 7),
    maxLabelValues: whole(1),
    clock,
  },
};
