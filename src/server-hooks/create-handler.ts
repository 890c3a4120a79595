import type { HandlerContext, Interceptor } from "@connectrpc/connect";
import type { UniversalHandler } from "@connectrpc/connect/protocol";
import { type ConnectNodeAdapterOptions, connectNodeAdapter } from "@connectrpc/connect-node";
import { guarded } from "./guarded.ts";
import type { HealthService } from "./health-service.ts";

/** A handler for `createServer` of `node:http`, `node:https` or `node:http2`. */
export type NodeHandler = ReturnType<typeof connectNodeAdapter>;

interface Hooks {
  readonly interceptor: Interceptor;
  readonly requestGate: (context: HandlerContext) => void;
  readonly service: HealthService;
  /** Told the handlers of all routes, once they are known. */
  readonly onRoutes: (handlers: readonly UniversalHandler[]) => void;
}

/** The user's routes with all hooks, ours outermost, and the health service, which knows the user's services. */
export function createHandler(options: ConnectNodeAdapterOptions, { interceptor, requestGate, service, onRoutes }: Hooks): NodeHandler {
  return guarded(
    connectNodeAdapter({
      ...options,
      interceptors: [interceptor, ...(options.interceptors ?? [])],
      requestGate(context) {
        requestGate(context);
        return options.requestGate?.(context);
      },
      routes(router) {
        // First, so that a health service of the user's own takes its place.
        service.routes(router);
        options.routes(router);
        for (const {
          service: { typeName },
        } of router.handlers)
          service.add(typeName);
        onRoutes(router.handlers);
      },
    }),
  );
}
