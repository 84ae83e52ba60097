import { Notice } from "../../components/notice";
import { Panel } from "../../components/panel";
import { ValueButton } from "../../components/value-button";
import type { ProfileRow } from "../../rows/profile";
import { count, volume } from "../../units";
import type { Asked } from "../../use-answer";

/** Whom somebody's machines talked to, by address, the most first. */
export function PeersPanel(asked: Asked<ProfileRow>) {
  const peers = (asked.answer?.data ?? []).filter(({ section }) => section === "peers");
  return (
    <Panel title="Peers" area="peers" asked={asked}>
      {peers.length === 0 ? (
        <Notice title="Talked to nobody in this range" />
      ) : (
        <div class="scroll">
          <table class="ranking">
            <thead>
              <tr>
                <th scope="col">Peer</th>
                <th scope="col" class="number">
                  Volume
                </th>
                <th scope="col" class="number wide">
                  Down
                </th>
                <th scope="col" class="number wide">
                  Up
                </th>
                <th scope="col" class="number wide">
                  Flows
                </th>
              </tr>
            </thead>
            <tbody>
              {peers.map((peer) => (
                <Row key={peer.address} peer={peer} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function Row({ peer }: { peer: ProfileRow }) {
  return (
    <tr>
      <th scope="row">
        {peer.address && <ValueButton field="addr" value={peer.address} />}
        <span class="sub">{[peer.detail, peer.name].filter(Boolean).join(", ") || "no name known"}</span>
      </th>
      <td class="number strong">{volume(peer.bytes ?? 0)}</td>
      <td class="number wide">{peer.bytes_down ? volume(peer.bytes_down) : "–"}</td>
      <td class="number wide">{peer.bytes_up ? volume(peer.bytes_up) : "–"}</td>
      <td class="number wide">{count(peer.flows ?? 0)}</td>
    </tr>
  );
}
