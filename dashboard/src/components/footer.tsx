import type { SeriesRow } from "../answer";
import { searchFromView, view } from "../view";
import { shortCount } from "../units";
import type { Asked } from "../use-answer";

/** What it took to answer, and the same answer elsewhere. */
export function Footer({ series: { answer } }: { series: Asked<SeriesRow> }) {
  const { filter, from, to, top } = view.value;
  const words = new URLSearchParams({ by: top, since: from, until: to, ...(filter && { filter }) });
  return (
    <footer class="foot">
      {answer && (
        <span>
          {shortCount(answer.stats.rows)} rows in {answer.stats.files} files,{" "}
          {answer.stats.milliseconds.toFixed(0)} ms
        </span>
      )}
      <a href={`/api/v1/top.csv?${words}`}>Top talkers as CSV</a>
      <a href="/api/v1/openapi.json">HTTP API</a>
      <a href={searchFromView(view.value)}>Link to this view</a>
    </footer>
  );
}
