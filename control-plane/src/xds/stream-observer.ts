import type { ResourceType } from "../resource.ts";
import type { AdsRequest, AdsResponse } from "./ads-message.ts";
import type { OpenStream } from "./open-stream.ts";
import type { TypeState } from "./type-state.ts";

/** Who hears what becomes of streams. None of these may throw. */
export interface StreamObserver {
  opened(stream: OpenStream): void;
  /** @param state undefined for a type that is not served */
  requested(stream: OpenStream, request: AdsRequest, state: TypeState | undefined): void;
  responded(stream: OpenStream, response: AdsResponse): void;
  /** A client has accepted a change. @param tookMs since the registry told it */
  propagated(stream: OpenStream, type: ResourceType, tookMs: number): void;
  closed(stream: OpenStream, reason: string): void;
  /** A client asks for what is there and it may not have. */
  denied(stream: OpenStream, type: ResourceType, name: string): void;
  /** A client knows of later from another replica, and is told nothing for a while. */
  behind(stream: OpenStream): void;
  /** A stream that was not let in. */
  turnedAway(reason: string): void;
}

/** Tells several, each what it cares for. */
export function allObservers(observers: readonly Partial<StreamObserver>[]): StreamObserver {
  const tell = (act: (observer: Partial<StreamObserver>) => void) => {
    for (const observer of observers) act(observer);
  };
  return {
    opened: (stream) => tell((observer) => observer.opened?.(stream)),
    requested: (stream, request, state) => tell((observer) => observer.requested?.(stream, request, state)),
    responded: (stream, response) => tell((observer) => observer.responded?.(stream, response)),
    propagated: (stream, type, tookMs) => tell((observer) => observer.propagated?.(stream, type, tookMs)),
    closed: (stream, reason) => tell((observer) => observer.closed?.(stream, reason)),
    denied: (stream, type, name) => tell((observer) => observer.denied?.(stream, type, name)),
    behind: (stream) => tell((observer) => observer.behind?.(stream)),
    turnedAway: (reason) => tell((observer) => observer.turnedAway?.(reason)),
  };
}
