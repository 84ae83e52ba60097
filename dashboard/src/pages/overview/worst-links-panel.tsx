import { Link } from "../../components/link";
import { Meter } from "../../components/meter";
import { Notice } from "../../components/notice";
import { Panel } from "../../components/panel";
import { worstFirst } from "../../link-words";
import { LINKS } from "../../place";
import type { LinkRow } from "../../rows/link";
import type { Asked } from "../../use-answer";

const SHOWN = 3;

/** The links to look at first. */
export function WorstLinksPanel(asked: Asked<LinkRow>) {
  const rows = worstFirst(asked.answer?.data ?? []);
  return (
    <Panel title="Fullest links" area="worst-links" asked={asked}>
      {rows.length === 0 ? (
        <Notice title="No exporter tells interfaces in this range" />
      ) : (
        <>
          <div class="scroll">
            <table class="links">
              <thead>
                <tr>
                  <th scope="col">Link</th>
                  <th scope="col">In, 95th percentile</th>
                  <th scope="col">Out, 95th percentile</th>
                </tr>
              </thead>
              <tbody>
                {rows.slice(0, SHOWN).map((row) => (
                  <Row key={`${row.exporter} ${row.interface}`} row={row} />
                ))}
              </tbody>
            </table>
          </div>
          <p class="small-print">
            <Link class="link" to={{ place: LINKS }}>
              All links
            </Link>
          </p>
        </>
      )}
    </Panel>
  );
}

function Row({ row }: { row: LinkRow }) {
  const place = { page: "link", exporter: row.exporter, port: String(row.interface) } as const;
  return (
    <tr>
      <th scope="row">
        <Link class="name" to={{ place }}>
          {row.link}
        </Link>
      </th>
      <td>
        <Meter rate={row.in_p95_bps} capacity={row.capacity_in} />
      </td>
      <td>
        <Meter rate={row.out_p95_bps} capacity={row.capacity_out} />
      </td>
    </tr>
  );
}
