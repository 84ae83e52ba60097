import { Heatmap } from "./heatmap";
import { Panel } from "./panel";
import { asked } from "../question";
import { useAnswer } from "../use-answer";
import { weekOf } from "../week";
import { zone } from "../zone";

/** At which hours of the week: the last seven days, whatever range the rest of the page shows. */
export function ActivityPanel({ title, clause }: { title: string; clause: string }) {
  const week = useAnswer("series", { ...asked(clause), since: "now-7d", until: "now", step: "1h" }, 5);
  return (
    <Panel title={title} area="activity" asked={week} aside={<span class="muted">last 7 days</span>}>
      <Heatmap week={weekOf(week.answer?.data ?? [], zone.value)} />
    </Panel>
  );
}
