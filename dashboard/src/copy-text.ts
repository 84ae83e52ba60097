import { say } from "./toast";

/** Put a text on the clipboard and say so. Browsers allow that only on localhost and over TLS; else it is shown to copy by hand. */
export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    say("Copied", text);
  } catch {
    say("Copy this by hand", text);
  }
}
