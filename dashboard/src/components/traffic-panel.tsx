import { useMemo } from "preact/hooks";

import type { Answer, SeriesRow } from "../answer";
import type { Picture } from "../chart";
import { ColourBook } from "../colour-book";
import { isOpenEnded } from "../live";
import { FIELD_NAMES, valueName } from "../names";
import { OTHER, SERIES_LIMIT, seriesColours } from "../palette";
import { OTHER_KEY, stackOf, type Stack } from "../stack";
import { isDark } from "../theme";
import { span } from "../units";
import type { Asked } from "../use-answer";
import { show, SPLITS, view, type Split } from "../view";
import { Choice } from "./choice";
import { EmptyRange } from "./empty-range";
import { Legend } from "./legend";
import { Panel } from "./panel";
import { StackView } from "./stack-view";

/** Traffic over time, stacked by a field of the reader's choice. */
export function TrafficPanel(asked: Asked<SeriesRow>) {
  const { answer, question } = asked;
  // The answer on the page may still be to the question before.
  const by = SPLITS.find((name) => name === question?.by) ?? view.value.by;
  const step = Number.parseInt(String(question?.step ?? "0"), 10);
  const stack = useMemo(() => answer && stackFrom(answer, by, step), [answer]);
  const picture = useMemo(() => stack && pictureOf(stack, by), [stack, isDark.value, isOpenEnded.value]);
  const aside = (
    <>
      {step > 0 && <span class="muted wide">{span(step)} steps</span>}
      <Choice
        label="Split by"
        words={SPLITS}
        chosen={view.value.by}
        name={(word) => FIELD_NAMES[word]}
        onChoose={(next) => show({ by: next })}
      />
    </>
  );
  return (
    <Panel title="Traffic" area="traffic" asked={asked} aside={aside}>
      {answer?.totals.flows === 0 && <EmptyRange answer={answer} />}
      {answer && answer.totals.flows !== 0 && picture && (
        <>
          <StackView
            picture={picture}
            label={`Traffic over time by ${FIELD_NAMES[by].toLowerCase()}; the table below has the same numbers`}
          />
          <Legend picture={picture} by={by} />
        </>
      )}
    </Panel>
  );
}

function stackFrom(answer: Answer<SeriesRow>, by: Split, step: number): Stack {
  const rows = [...answer.data, ...(answer.other?.rows ?? [])];
  return stackOf(
    rows,
    by,
    step,
    Date.parse(answer.since ?? ""),
    Date.parse(answer.until ?? ""),
    SERIES_LIMIT,
  );
}

function pictureOf(stack: Stack, by: Split): Picture {
  return {
    stack,
    colours: coloursOf(stack, isDark.value),
    names: stack.groups.map((group) => valueName(by, group.key)),
    isDark: isDark.value,
    isOpenEnded: isOpenEnded.value,
  };
}

const book = new ColourBook();

function coloursOf(stack: Stack, isDarkNow: boolean): string[] {
  const colours = seriesColours(isDarkNow);
  const other = isDarkNow ? OTHER.dark : OTHER.light;
  const named = stack.groups.map((group) => group.key).filter((key) => key !== OTHER_KEY);
  const places = book.placesFor(named);
  return stack.groups.map((group) => colours[places[named.indexOf(group.key)] ?? -1] ?? other);
}
