import { fullness } from "../link-words";
import { bitRate, share } from "../units";

interface Properties {
  rate: number;
  capacity: number | null;
}

/** A rate as a part of what the link can carry: a bar, the part and the rate. Without a capacity, the rate alone. */
export function Meter({ rate, capacity }: Properties) {
  if (capacity === null || capacity === 0) return <span class="meter-rate">{bitRate(rate)}</span>;
  const part = rate / capacity;
  const word = fullness(part);
  return (
    <span class={`meter ${word}`}>
      <span class="meter-bar" aria-hidden="true">
        <span class="meter-fill" style={{ width: `${Math.min(100, 100 * part)}%` }} />
      </span>
      <span class="meter-part">{share(part, 1)}</span>
      <span class="meter-rate">{bitRate(rate)}</span>
      {word !== "fine" && <span class="meter-word">{word}</span>}
    </span>
  );
}
