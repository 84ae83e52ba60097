import { useRef } from "preact/hooks";

import { equals, filterWith } from "../../clauses";
import { Link } from "../../components/link";
import { ValueButton } from "../../components/value-button";
import { copyText } from "../../copy-text";
import { PinDialog } from "./pin-dialog";
import { FLOWS, OVERVIEW } from "../../place";
import type { ProfileRow } from "../../rows/profile";
import type { Asked } from "../../use-answer";
import { view } from "../../view";
import { holdingsOf, wordsOf } from "./holding";

interface Properties {
  name: string;
  field: string;
  profile: Asked<ProfileRow>;
}

/** Who this is, as far as anybody told, and what can be done from here. */
export function Identity({ name, field, profile }: Properties) {
  const clause = equals(field, name);
  const pinning = useRef<HTMLDialogElement>(null);
  const filter = filterWith(view.value.filter, clause);
  const holdings = holdingsOf(profile.answer?.data ?? []);
  const facts = (["person", "team", "machine", "host"] as const).flatMap((kind) =>
    wordsOf(holdings, kind).map((word) => ({ kind, word })),
  );
  return (
    <header class="identity">
      <div>
        <h1>{name}</h1>
        <p class="identity-facts">
          {facts
            .filter(({ word }) => word !== name)
            .map(({ kind, word }) => (
              <span key={`${kind} ${word}`} class="identity-fact">
                <span class="muted">{kind}</span>{" "}
                {kind === "host" ? word : <ValueButton field={FIELDS[kind]} value={word} />}
              </span>
            ))}
        </p>
      </div>
      <div class="identity-actions">
        <Link class="button" to={{ place: OVERVIEW, filter }}>
          Overview of this
        </Link>
        <Link class="button" to={{ place: FLOWS, filter }}>
          Its flows
        </Link>
        {field === "addr" && (
          <button type="button" class="button" onClick={() => pinning.current?.showModal()}>
            Pin a name
          </button>
        )}
        <button type="button" class="button" onClick={() => copyText(`tidegauge profile '${clause}'`)}>
          Copy as command
        </button>
      </div>
      {field === "addr" && <PinDialog dialog={pinning} address={name} />}
    </header>
  );
}

const FIELDS = { person: "user", team: "team", machine: "machine" } as const;
