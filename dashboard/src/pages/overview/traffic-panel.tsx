import { useMemo } from "preact/hooks";

import { Choice } from "../../components/choice";
import { EmptyRange } from "../../components/empty-range";
import { Legend } from "../../components/legend";
import { Panel } from "../../components/panel";
import { RateView } from "../../components/rate-view";
import { ColourBook } from "../../colour-book";
import { isOpenEnded } from "../../live";
import { fieldName, OTHER_KEY, UNKNOWN_KEY, valueName } from "../../names";
import { OTHER, SERIES_LIMIT, seriesColours, UNKNOWN } from "../../palette";
import type { Picture } from "../../picture";
import type { SeriesRow } from "../../rows/series";
import { stackOf, type Stack } from "../../stack";
import { isDark } from "../../theme";
import { span } from "../../units";
import type { Fallen } from "../../use-fallback";
import { show } from "../../view";

export const SPLITS = ["category", "service", "user", "protocol", "exporter"] as const;

interface Properties extends Fallen<SeriesRow> {
  wanted: string;
}

/** Traffic over time, stacked by a field of the reader's choice. */
export function TrafficPanel({ asked, field: by, hasFallen, wanted }: Properties) {
  const { answer, question } = asked;
  const step = Number.parseInt(String(question?.step ?? "0"), 10);
  // The answer on the page may still be to the question before.
  const drawnBy = String(question?.by ?? by);
  const picture = useMemo(
    () => answer && pictureOf(stackOf(answer, drawnBy, step, SERIES_LIMIT), drawnBy),
    [answer, isDark.value, isOpenEnded.value],
  );
  const aside = (
    <>
      {step > 0 && <span class="muted wide">{span(step)} steps</span>}
      <Choice
        label="Split by"
        words={SPLITS}
        chosen={SPLITS.find((split) => split === by) ?? "category"}
        name={fieldName}
        onChoose={(split) => show({ by: split })}
      />
    </>
  );
  return (
    <Panel title="Traffic" area="traffic" asked={asked} aside={aside}>
      {answer?.totals.flows === 0 && <EmptyRange answer={answer} />}
      {answer && answer.totals.flows !== 0 && picture && (
        <>
          <RateView
            picture={picture}
            label={`Traffic over time by ${fieldName(drawnBy).toLowerCase()}; the table below has the same numbers`}
          />
          <Legend picture={picture} by={drawnBy} />
        </>
      )}
      {hasFallen && (
        <p class="muted small-print">
          By {fieldName(by).toLowerCase()}, since no source of names tells the{" "}
          {fieldName(wanted).toLowerCase()} of this traffic.
        </p>
      )}
    </Panel>
  );
}

function pictureOf(stack: Stack, by: string): Picture {
  const colours = coloursOf(stack);
  return {
    times: stack.times,
    stepMilliseconds: stack.stepMilliseconds,
    layers: stack.groups.map((group, index) => ({
      ...group,
      name: valueName(by, group.key),
      colour: colours[index] ?? OTHER.light,
    })),
    lines: [],
    before: stack.before,
    isDark: isDark.value,
    isOpenEnded: isOpenEnded.value,
  };
}

const book = new ColourBook();

function coloursOf(stack: Stack): string[] {
  const scheme = isDark.value ? "dark" : "light";
  const colours = seriesColours(isDark.value);
  const named = stack.groups
    .map((group) => group.key)
    .filter((key) => key !== OTHER_KEY && key !== UNKNOWN_KEY);
  const places = book.placesFor(named);
  return stack.groups.map(({ key }) => {
    if (key === UNKNOWN_KEY) return UNKNOWN[scheme];
    return colours[places[named.indexOf(key)] ?? -1] ?? OTHER[scheme];
  });
}
