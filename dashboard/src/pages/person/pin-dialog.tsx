import type { RefObject } from "preact";
import { useState } from "preact/hooks";

import { Choice } from "../../components/choice";
import { Dialog } from "../../components/dialog";
import { askAgain } from "../../live";
import { pinCommand, pinFrom, writePin } from "../../pin";
import { ProblemError } from "../../problem-error";
import { say } from "../../toast";
import { zone } from "../../zone";

interface Properties {
  dialog: RefObject<HTMLDialogElement | null>;
  address: string;
}

const EMPTY = { name: "", isMachine: false, from: "", until: "" };
const KINDS = ["person", "machine"] as const;

/** Where somebody who knows better says who an address was. */
export function PinDialog({ dialog, address }: Properties) {
  const [form, setForm] = useState(EMPTY);
  const [problem, setProblem] = useState("");
  const pin = pinFrom(address, form, zone.value);
  const change = (part: Partial<typeof EMPTY>): void => setForm({ ...form, ...part });

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      await writePin(pin);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      setProblem(error.problem.detail);
      return;
    }
    dialog.current?.close();
    setForm(EMPTY);
    setProblem("");
    say("Pinned", `${address} is ${pin.name}`);
    askAgain();
  };

  return (
    <Dialog dialog={dialog} id="pin-title" title={`Who was ${address}?`}>
      <form class="pin" onSubmit={submit}>
        <p class="muted">
          What you pin goes before leases, log-ins and the inventory, also for what was seen before.
        </p>
        <Choice
          label="It is a"
          words={KINDS}
          chosen={form.isMachine ? "machine" : "person"}
          name={(kind) => (kind === "person" ? "A person" : "A machine")}
          onChoose={(kind) => change({ isMachine: kind === "machine" })}
        />
        <label>
          Name
          <input
            type="text"
            required
            autocomplete="off"
            value={form.name}
            onInput={(event) => change({ name: event.currentTarget.value })}
          />
        </label>
        <label>
          From (empty: always)
          <input
            type="datetime-local"
            step="1"
            value={form.from}
            onInput={(event) => change({ from: event.currentTarget.value })}
          />
        </label>
        <label>
          Until (empty: for good)
          <input
            type="datetime-local"
            step="1"
            value={form.until}
            onInput={(event) => change({ until: event.currentTarget.value })}
          />
        </label>
        <p class="muted">Times of {zone.value}. In a terminal:</p>
        <pre class="command">{pinCommand({ ...pin, name: pin.name || "NAME" })}</pre>
        {problem && (
          <p role="alert" class="trouble">
            {problem}
          </p>
        )}
        <button type="submit" class="button primary">
          Pin this name
        </button>
      </form>
    </Dialog>
  );
}
