import type { RefObject } from "preact";

import type { Key } from "../keyboard";
import { Dialog } from "./dialog";

const EXAMPLES = [
  ["src net 10.0.0.0/8", "from an address in a network"],
  ["dst port 443 and bytes > 1M", "large flows to a port"],
  ["host 192.0.2.7", "from or to one address"],
  ["proto udp and not port 53", "one protocol without a port"],
  ["user John and category streaming", "what somebody watched"],
] as const;

/** The keys and a few filters, in a dialog. */
export function Help({
  dialog,
  keys,
}: {
  dialog: RefObject<HTMLDialogElement | null>;
  keys: readonly Key[];
}) {
  return (
    <Dialog dialog={dialog} id="help-title" title="Help">
      <h3>Keys</h3>
      <dl class="keys">
        {keys.map((key) => (
          <div key={key.key}>
            <dt>
              <kbd>{key.key}</kbd>
            </dt>
            <dd>{key.does}</dd>
          </div>
        ))}
      </dl>
      <h3>Filters</h3>
      <dl>
        {EXAMPLES.map(([filter, meaning]) => (
          <div key={filter}>
            <dt>
              <code>{filter}</code>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <p class="muted">
        Press any value to show only its traffic, with Alt to leave it out; the down key or a right click
        opens its menu. Drag across the chart to zoom in. The address bar always holds what you see. The same
        answers: <a href="/api/v1/openapi.json">HTTP API</a>, <code>tidegauge top</code>.
      </p>
    </Dialog>
  );
}
