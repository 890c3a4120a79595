import type { Logger } from "./logger.ts";
import type { OpenStream } from "./xds/open-stream.ts";
import type { StreamObserver } from "./xds/stream-observer.ts";

const maxLength = 256;

/** Says who comes and goes, and who refuses what: what an operator has to know. The rest is for debugging. */
export function logStreams(logger: Logger): Partial<StreamObserver> {
  return {
    opened: ({ connection }) => logger.debug({ peer: connection.peer }, "stream opened"),
    requested(stream, request, state) {
      const { errorDetail, typeUrl } = request;
      if (state === undefined) logger.debug({ ...who(stream), type: clip(typeUrl) }, "asks for a type that is not served");
      else if (errorDetail === undefined)
        logger.debug({ ...who(stream), type: state.type, names: state.subscribed.size }, "asks or accepts");
      else logger.warn({ ...who(stream), type: state.type, reason: clip(errorDetail.message) }, "client refuses what it was sent");
    },
    responded: (stream, { typeUrl, resources }) => logger.debug({ ...who(stream), type: typeUrl, resources: resources.length }, "sent"),
    closed: (stream, reason) => logger.info({ ...who(stream), reason, responses: stream.responses }, "stream closed"),
    denied: (stream, type, name) => logger.warn({ ...who(stream), type, name: clip(name) }, "client asks for what it may not have"),
    behind: (stream) => logger.warn(who(stream), "client knows of later from another replica, and waits for this one to catch up"),
    turnedAway: (reason) => logger.warn({ reason }, "stream turned away"),
  };
}

/** But for its identity, which its certificate proves, a client says itself who it is; so that it is cut short. */
function who({ machine, connection }: OpenStream): object {
  const { id = "", cluster = "", userAgentName = "" } = machine.node ?? {};
  const identity = connection.names[0];
  return {
    peer: connection.peer,
    ...(identity !== undefined && { identity: clip(identity) }),
    node: clip(id),
    cluster: clip(cluster),
    agent: clip(userAgentName),
    variant: machine.variant,
  };
}

function clip(text: string): string {
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}
