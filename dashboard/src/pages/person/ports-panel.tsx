import { Panel } from "../../components/panel";
import { shortMoment } from "../../moment";
import { now } from "../../live";
import { serviceName } from "../../port-services";
import type { ProfileRow } from "../../rows/profile";
import { volume } from "../../units";
import type { Asked } from "../../use-answer";

/** What somebody's machines answered to: what they offer to others. */
export function PortsPanel(asked: Asked<ProfileRow>) {
  const ports = (asked.answer?.data ?? []).filter(({ section }) => section === "ports");
  return (
    <Panel title="Ports offered" area="ports" asked={asked}>
      {ports.length === 0 ? (
        <p class="calm">Answered at no port in this range.</p>
      ) : (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">Port</th>
                <th scope="col" class="number">
                  Volume
                </th>
                <th scope="col" class="number">
                  Last answered
                </th>
              </tr>
            </thead>
            <tbody>
              {ports.map(({ name, bytes, until }) => (
                <tr key={name}>
                  <th scope="row">
                    {name} <span class="muted">{serviceName(Number(name?.split("/")[1]))}</span>
                  </th>
                  <td class="number">{volume(bytes ?? 0)}</td>
                  <td class="number">{until && shortMoment(Date.parse(until), now())}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}
