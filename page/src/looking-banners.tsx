import { isPaused, silence } from "./looking.ts";

/** That there is nothing new to see, and why. @param hasAnswer whether there has been any */
export function LookingBanners({ hasAnswer }: { readonly hasAnswer: boolean }) {
  return (
    <>
      {silence.value !== undefined && (
        <p class="bad">
          <b>The process does not answer.</b> {hasAnswer && "What is shown is its last answer. "}
          {silence.value}
        </p>
      )}
      {isPaused.value && (
        <p class="info">
          <b>Paused.</b> Press p to go on.
        </p>
      )}
    </>
  );
}
