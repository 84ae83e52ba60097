import { volume } from "../units";
import { DAYS, HOURS, shade, type Week } from "../week";

/** A week as a grid of hours, the darker the busier. It is a table, so its numbers can be read one by one. */
export function Heatmap({ week }: { week: Week }) {
  const busiest = Math.max(...week.flat());
  return (
    <div class="scroll">
      <table class="heatmap">
        <thead>
          <tr>
            <th scope="col">
              <span class="visually-hidden">Day</span>
            </th>
            {HOURS.map((hour) => (
              <th key={hour} scope="col">
                <span class={hour % 3 === 0 ? "" : "visually-hidden"}>{String(hour).padStart(2, "0")}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {week.map((hours, day) => (
            <tr key={DAYS[day]}>
              <th scope="row">{DAYS[day]}</th>
              {hours.map((bytes, hour) => (
                <td
                  key={HOURS[hour]}
                  class={`heat heat-${shade(bytes, busiest)}`}
                  title={`${DAYS[day]} ${hour}:00 to ${hour + 1}:00: ${volume(bytes)}`}
                >
                  <span class="visually-hidden">{bytes > 0 ? volume(bytes) : "nothing"}</span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
