import { useEffect, useState } from "preact/hooks";

import { copyText } from "../../copy-text";
import type { ReportRow } from "../../rows/report";
import { reportAddress, reportCommands, SCHEDULE, type Asking } from "./report-address";

/** The report as whoever gets it will see it, and the ways to have it sent. */
export function Preview({ report, asking }: { report: ReportRow; asking: Asking }) {
  const { name, title } = report;
  const address = reportAddress(name, asking);
  const { make, mail } = reportCommands(name, asking);
  const [isMade, setMade] = useState(false);
  useEffect(() => setMade(false), [address]);
  return (
    <section class="panel" aria-labelledby="preview-title" aria-busy={!isMade}>
      <header class="panel-head">
        <h2 id="preview-title">{title}</h2>
        <div class="panel-aside">
          <a class="button" href={address} target="_blank" rel="noreferrer">
            Open alone, to print
          </a>
        </div>
      </header>
      <div class="panel-body">
        <dl class="send">
          <Command name="Make it in a terminal" text={make} />
          <Command name="Mail it now" text={mail} />
          <Command name={`Mail it by itself: in reports/${name}.toml`} text={SCHEDULE} />
          <Command name="and every five minutes, by a timer" text="tidegauge report --due" />
        </dl>
        {!isMade && <p class="calm">Making the report…</p>}
        <iframe
          class="preview"
          src={address}
          title={`${title}, as it is sent`}
          sandbox=""
          onLoad={() => setMade(true)}
        />
      </div>
    </section>
  );
}

function Command({ name, text }: { name: string; text: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <pre class="command">{text}</pre>
        <button type="button" class="link" aria-label={`Copy: ${name}`} onClick={() => copyText(text)}>
          Copy
        </button>
      </dd>
    </div>
  );
}
