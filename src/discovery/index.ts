export { type Clock, systemClock, type Timer } from "../clock.ts";
export { ConfigurationError } from "../configuration-error.ts";
export { type ListChange, listChange } from "../list-change.ts";
export type { Named, ServiceConfig } from "../service-config.ts";
export { AddressRules } from "./address-rules.ts";
export { type DnsResolver, type SrvRecord, systemResolver } from "./dns-resolver.ts";
export { type DnsSourceOptions, dnsSource } from "./dns-source.ts";
export type { EndpointInput } from "./endpoint-input.ts";
export type {
  EndpointObserver,
  EndpointSource,
  EndpointUpdate,
  KnownService,
  NoSuchService,
  SourceNotice,
  Watch,
} from "./endpoint-source.ts";
export { type FileSourceOptions, fileSource } from "./file-source.ts";
export { type SourceOptions, sourceFor, type TargetSource } from "./sources.ts";
export { staticSource } from "./static-source.ts";
export { parseTarget, type Scheme, type Target } from "./target.ts";
export { type FilesObserver, type WatchFilesOptions, watchFiles } from "./watch-files.ts";
