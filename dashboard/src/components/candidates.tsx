import type { Candidate } from "../completion";

interface Properties {
  id: string;
  candidates: readonly Candidate[];
  active: number | null;
  onTake: (candidate: Candidate) => void;
}

/** What could be written next, under the filter. */
export function Candidates({ id, candidates, active, onTake }: Properties) {
  return (
    <div id={id} class="candidates" role="listbox" aria-label="Completions">
      {candidates.map((candidate, index) => (
        <div
          key={candidate.text}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === active}
          // Before the input loses the focus, which would close the list.
          onPointerDown={(event) => {
            event.preventDefault();
            onTake(candidate);
          }}
        >
          <code>{candidate.text}</code>
          <span class="muted">{candidate.meaning}</span>
        </div>
      ))}
    </div>
  );
}
