import { Tile } from "../../components/tile";
import { fullest, fullness, worstFirst } from "../../link-words";
import { LINKS } from "../../place";
import type { LinkRow } from "../../rows/link";
import { share } from "../../units";
import type { Asked } from "../../use-answer";

/** How full the fullest link is. */
export function LinkTile({ links }: { links: Asked<LinkRow> }) {
  if (!links.answer) return <Tile name="Worst link" value={null} note={links.problem?.title} />;
  const [worst] = worstFirst(links.answer.data);
  if (!worst) return <Tile name="Worst link" value="–" note="no interface told" to={{ place: LINKS }} />;
  const part = fullest(worst);
  if (part === null) {
    return (
      <Tile name="Worst link" value="–" note="no capacity known" level="unknown" to={{ place: LINKS }} />
    );
  }
  return (
    <Tile
      name="Worst link"
      value={share(part, 1)}
      note={worst.link}
      level={({ fine: "good", busy: "medium", full: "high" } as const)[fullness(part)]}
      to={{ place: LINKS }}
    />
  );
}
