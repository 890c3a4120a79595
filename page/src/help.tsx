import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { keys } from "./keys.ts";
import { isHelpOpen } from "./looking.ts";

/** @param children a word on what the page shows */
export function Help({ children }: { readonly children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const isOpen = isHelpOpen.value;
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  return (
    <dialog ref={dialog} onClose={() => (isHelpOpen.value = false)}>
      <h2>Keys</h2>
      <dl>
        {keys.map(([key, does]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <p class="muted">{children}</p>
      <button type="button" onClick={() => (isHelpOpen.value = false)}>
        close
      </button>
    </dialog>
  );
}
