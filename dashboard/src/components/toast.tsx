import { toast } from "../toast";

/** What was just done, also for who hears the page. */
export function Toast() {
  return (
    <div class="toast-place" role="status">
      {toast.value && (
        <div class="toast">
          <strong>{toast.value.title}</strong>
          <code>{toast.value.text}</code>
        </div>
      )}
    </div>
  );
}
