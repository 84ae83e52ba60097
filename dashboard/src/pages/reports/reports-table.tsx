import type { ReportRow } from "../../rows/report";
import { show, view } from "../../view";
import { reportAddress, type Asking } from "./report-address";

interface Properties {
  reports: readonly ReportRow[];
  asking: Asking;
}

const FILES: Record<string, string> = { pdf: "PDF", csv: "CSV", json: "JSON" };

/** One line a report: what it holds, when it goes out, and how to take it along. */
export function ReportsTable({ reports, asking }: Properties) {
  return (
    <div class="scroll">
      <table class="reports">
        <thead>
          <tr>
            <th scope="col">Report</th>
            <th scope="col">About</th>
            <th scope="col" class="wide">
              Mailed
            </th>
            <th scope="col">Take it</th>
          </tr>
        </thead>
        <tbody>
          {reports.map((report) => (
            <Row key={report.name} report={report} asking={asking} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ report, asking }: { report: ReportRow; asking: Asking }) {
  const { name, title, period, sections, formats, schedule } = report;
  const isOpen = view.value.by === name;
  return (
    <tr>
      <th scope="row">
        <strong>{title}</strong>
        <span class="sub">{sections.join(" · ")}</span>
      </th>
      <td>{period}</td>
      <td class="wide">
        {schedule ? `every ${schedule.every}, ${schedule.at}, to ${schedule.to.join(", ")}` : "by hand"}
      </td>
      <td>
        <span class="files">
          <button
            type="button"
            class="button"
            aria-pressed={isOpen}
            aria-label={`Preview ${title}`}
            onClick={() => show({ by: isOpen ? "" : name })}
          >
            Preview
          </button>
          {formats
            .filter((format) => format in FILES)
            .map((format) => (
              <a
                key={format}
                class="link"
                href={reportAddress(name, asking, format)}
                aria-label={`${title} as ${FILES[format]}`}
                download
              >
                {FILES[format]}
              </a>
            ))}
        </span>
      </td>
    </tr>
  );
}
