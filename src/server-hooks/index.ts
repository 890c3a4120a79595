export { type CertificateNames, readCertificateNames } from "../certificate-names.ts";
export { ConfigurationError } from "../configuration-error.ts";
export { boundedHttp2Options } from "./bounded-http2.ts";
export type { EventLoopProbe, EventLoopSample } from "./event-loop.ts";
export { type GuardedRequest, type GuardedResponse, guarded } from "./guarded.ts";
export { createHealthReporter, type HealthReporter, type HealthReporterOptions, healthReporting } from "./health-reporting.ts";
export type { BegunCall, CallEnd, EndCall, LoadSampler, LoadSamplerOptions } from "./load-sampler.ts";
export { type ProtectOptions, protect } from "./protect.ts";
export type { PushbackOptions } from "./pushback.ts";
