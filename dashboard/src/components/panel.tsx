import type { ComponentChildren } from "preact";

import { openMenu } from "../menu";
import { panelItems } from "../panel-items";
import type { Asked } from "../use-answer";
import { Icon } from "./icon";
import { ProblemNotice } from "./problem-notice";

interface Properties {
  title: string;
  /** Names the panel's place on the page. */
  area: string;
  /** The question the panel answers. */
  asked: Asked<unknown>;
  /** Short facts or a control, right of the title. */
  aside?: ComponentChildren;
  /** What is shown once there is an answer. */
  children: ComponentChildren;
}

/** A card with a heading, whose `…` gives its answer as a file or a command, and which says why it has nothing to show yet. */
export function Panel({ title, area, asked, aside, children }: Properties) {
  const id = `${area}-title`;
  const isStale = asked.isStale && asked.answer !== null;
  return (
    <section class={`panel ${area}`} aria-labelledby={id} aria-busy={asked.isStale}>
      <header class="panel-head">
        <h2 id={id}>{title}</h2>
        <div class="panel-aside">
          {aside}
          <PanelMenu title={title} asked={asked} />
        </div>
      </header>
      <div class={isStale ? "panel-body stale" : "panel-body"}>
        {asked.problem ? (
          <ProblemNotice problem={asked.problem} />
        ) : asked.answer ? (
          children
        ) : (
          <p class="calm">Reading the lake…</p>
        )}
      </div>
    </section>
  );
}

function PanelMenu({ title, asked: { resource, question } }: { title: string; asked: Asked<unknown> }) {
  const label = `${title}: save or copy`;
  return (
    <button
      type="button"
      class="icon-button small"
      aria-label={label}
      title={label}
      aria-haspopup="menu"
      disabled={question === null}
      onClick={(event) => question && openMenu(event.currentTarget, label, panelItems(resource, question))}
    >
      <Icon name="more" />
    </button>
  );
}
