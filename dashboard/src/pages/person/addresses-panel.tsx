import { Badge } from "../../components/badge";
import { Notice } from "../../components/notice";
import { Panel } from "../../components/panel";
import { ValueButton } from "../../components/value-button";
import { now } from "../../live";
import { shortMoment } from "../../moment";
import type { ProfileRow } from "../../rows/profile";
import type { Asked } from "../../use-answer";
import { holdingsOf, type Holding } from "./holding";

/** The addresses somebody had: they are lent, so each has its time. */
export function AddressesPanel(asked: Asked<ProfileRow>) {
  const holdings = holdingsOf(asked.answer?.data ?? []);
  return (
    <Panel title="Addresses held" area="addresses" asked={asked}>
      {holdings.length === 0 ? (
        <Notice title="Nobody told who had these addresses">
          An inventory file, DHCP leases or RADIUS accounting do.
        </Notice>
      ) : (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">Address</th>
                <th scope="col">Machine</th>
                <th scope="col">From</th>
                <th scope="col">Until</th>
              </tr>
            </thead>
            <tbody>
              {holdings.map((holding) => (
                <Row key={`${holding.address} ${holding.since}`} holding={holding} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function Row({ holding: { address, machine, host, since, until, sources } }: { holding: Holding }) {
  return (
    <tr>
      <th scope="row">
        <ValueButton field="addr" value={address} />
        {host && <span class="sub">{host}</span>}
      </th>
      <td>
        <span class="bar-name">
          {machine ? <ValueButton field="machine" value={machine} /> : <span class="muted">–</span>}
          {sources.map((source) => (
            <Badge key={source} source={source} />
          ))}
        </span>
      </td>
      <td>{since ? shortMoment(Date.parse(since), now()) : "always"}</td>
      <td>{until ? shortMoment(Date.parse(until), now()) : "still"}</td>
    </tr>
  );
}
