import { Notice } from "../components/notice";
import { OVERVIEW } from "../place";
import { show } from "../view";

/** A path that leads to no page. */
export function Nowhere({ path }: { path: string }) {
  return (
    <Notice
      title="There is no such page"
      action={{ label: "To the overview", run: () => show({ place: OVERVIEW }) }}
    >
      Nothing is at <code>{path}</code>.
    </Notice>
  );
}
