import { useMemo } from "preact/hooks";

import { Choice } from "../../components/choice";
import { Notice } from "../../components/notice";
import { Panel } from "../../components/panel";
import { Select } from "../../components/select";
import { asked } from "../../question";
import { useAnswer } from "../../use-answer";
import { show, view } from "../../view";
import { KINDS, kindName, lifeFilter, rowsAfter, shownRows, type Kind } from "./life-question";
import { LifeTable } from "./life-table";

interface Properties {
  /** Whose life: one address, or those that somebody held, the one used last first. */
  addresses: readonly string[];
  /** The person it is narrowed to, where it is one's. */
  user?: string;
}

const ORDERS = ["", "time:desc"] as const;

/** Everything that one address did and was, in the order in which it happened. */
export function Life({ addresses, user }: Properties) {
  const { by, kind, order, shown, filter } = view.value;
  const address = addresses.find((one) => one === by) ?? addresses[0];
  const chosen = KINDS.find((one) => one === kind) ?? "";
  const way = ORDERS.find((one) => one === order) ?? "";
  const wanted = shownRows(shown);
  const question = useMemo(
    () => address !== undefined && lifeFilter(address, user, filter),
    [address, user, filter],
  );
  const life = useAnswer(
    "timeline",
    question
      ? { ...asked(), filter: question, having: chosen && `kind = ${chosen}`, order: way, top: wanted }
      : null,
    5,
  );
  if (address === undefined) {
    return (
      <Notice title={`No source of names tells which addresses ${user} had`}>
        A timeline is about one address. An inventory file, DHCP leases or RADIUS accounting tell who had
        which.
      </Notice>
    );
  }
  const rows = life.answer?.data ?? [];
  const more = rowsAfter(wanted, rows.length);
  return (
    <Panel
      title="Timeline"
      area="full"
      asked={life}
      aside={
        <>
          {addresses.length > 1 && (
            <Select
              label="Address"
              options={addresses.map((value) => ({ value, name: value }))}
              chosen={address}
              onChoose={(next) => show({ by: next })}
            />
          )}
          <Choice
            label="Kind"
            words={["", ...KINDS] as const}
            chosen={chosen}
            name={(word: Kind | "") => (word === "" ? "All" : kindName(word))}
            onChoose={(next) => show({ kind: next, shown: "" })}
          />
          <Choice
            label="Order"
            words={ORDERS}
            chosen={way}
            name={(word) => (word === "" ? "Earliest first" : "Latest first")}
            onChoose={(next) => show({ order: next })}
          />
        </>
      }
    >
      {life.answer && rows.length === 0 ? (
        <Notice title={`Nothing happened to ${address} in this range`}>
          {filter !== "" || chosen !== "" ? "Another kind or no filter may show more." : null}
        </Notice>
      ) : (
        <LifeTable rows={rows} address={address} />
      )}
      {more !== null && (
        <nav class="pager" aria-label="More of this list">
          <span class="muted">{rows.length} shown</span>
          <button type="button" class="button" onClick={() => show({ shown: String(more) })}>
            Show {more - wanted} more
          </button>
        </nav>
      )}
      {rows.length >= wanted && more === null && (
        <p class="muted small-print">The first {rows.length}; a filter or a shorter range shows others.</p>
      )}
      <p class="muted small-print">
        Times are as each exporter's clock told them, corrected where its error is known; ± says how far one
        may be off. Rows closer together than that may be in the wrong order. A flow seen at several exporters
        has a row for each, its hops.
      </p>
    </Panel>
  );
}
