export type {
  AttemptTraffic,
  CallTraffic,
  DebuggedEndpoint,
  DebuggedProcess,
  DebuggedTransport,
  DebugSnapshot,
  LastError,
  LoggedEvent,
} from "./debug-snapshot.ts";
export { createPageHandler, type PageHandler, type PageHandlerOptions } from "./page-handler.ts";
export { type DebugPage, type DebugPageOptions, serveDebugPage } from "./serve-debug-page.ts";
