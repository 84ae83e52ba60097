import { useEffect, useMemo, useRef } from "preact/hooks";

import { clausesOf, filterWithout } from "./clauses";
import { Chips } from "./components/chips";
import { Footer } from "./components/footer";
import { Header } from "./components/header";
import { Help } from "./components/help";
import { Menu } from "./components/menu";
import { QualityStrip } from "./components/quality-strip";
import { Toast } from "./components/toast";
import { listenToKeys, type Key } from "./keyboard";
import { isPaused } from "./live";
import { Page } from "./page";
import { CLOCKS, FLOWS, LINKS, OVERVIEW, REPORTS, USERS } from "./place";
import { useAnswer } from "./use-answer";
import { show, view } from "./view";

/** What is the same on every page, around the page. */
export function App() {
  const exporters = useAnswer("exporters", {}, 2);
  const clocks = useAnswer("clocks", {}, 2);
  const filterInput = useRef<HTMLInputElement>(null);
  const help = useRef<HTMLDialogElement>(null);
  const openHelp = (): void => help.current?.showModal();
  const keys = useMemo<Key[]>(
    () => [
      { key: "/", does: "Write a filter", run: () => filterInput.current?.select() },
      { key: "Escape", does: "Drop the last filter", run: dropLastClause },
      { key: "g o", does: "Go to the overview", run: () => show({ place: OVERVIEW }) },
      { key: "g u", does: "Go to users and hosts", run: () => show({ place: USERS }) },
      { key: "g l", does: "Go to links", run: () => show({ place: LINKS }) },
      { key: "g c", does: "Go to the clocks", run: () => show({ place: CLOCKS }) },
      { key: "g f", does: "Go to the flows", run: () => show({ place: FLOWS }) },
      { key: "g r", does: "Go to the reports", run: () => show({ place: REPORTS }) },
      { key: "p", does: "Pause or follow the traffic", run: () => (isPaused.value = !isPaused.value) },
      { key: "?", does: "Show this help", run: openHelp },
    ],
    [],
  );
  useEffect(() => listenToKeys(keys), [keys]);

  return (
    <>
      <Header filterInput={filterInput} onHelp={openHelp} />
      <main>
        <Chips />
        <QualityStrip exporters={exporters.answer?.data ?? []} clocks={clocks.answer?.data ?? []} />
        <Page exporters={exporters} clocks={clocks} />
      </main>
      <Footer />
      <Help dialog={help} keys={keys} />
      <Menu />
      <Toast />
    </>
  );
}

function dropLastClause(): void {
  const { filter } = view.peek();
  const last = clausesOf(filter).at(-1);
  if (last !== undefined) show({ filter: filterWithout(filter, last) });
}
