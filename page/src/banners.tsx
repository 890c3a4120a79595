import { span } from "./format.ts";
import { LookingBanners } from "./looking-banners.tsx";
import { snapshot, transport } from "./state.ts";

/** What somebody ought to know before all else. */
export function Banners() {
  const shown = transport.value;
  return (
    <div class="banners" aria-live="polite">
      <LookingBanners hasAnswer={snapshot.value !== undefined} />
      {shown?.panic && (
        <p class="bad">
          <b>Panic.</b> Fewer endpoints are sound than the threshold asks for: ejections are ignored, lest the others be overrun.
        </p>
      )}
      {shown?.sourceError !== undefined && (
        <p class="warn">
          <b>Endpoints are {span(shown.sourceErrorForMs ?? 0)} stale.</b> The last good set stays in force. {shown.sourceError}
        </p>
      )}
      {shown?.retained !== undefined && (
        <p class="warn">
          <b>The source has left out most of the endpoints that serve.</b> They are called on for a while.
        </p>
      )}
      {shown?.notices.map(({ code, message }) => (
        <p key={code} class="warn">
          <b>{code}.</b> {message}
        </p>
      ))}
    </div>
  );
}
