import type { Picture } from "../chart";
import { dateTime, timeOfDay } from "../time-range";
import { bitRate } from "../units";

interface Properties {
  picture: Picture;
  bucket: number;
  /** Distance of the bucket from the left edge of the chart, and the chart's width, in CSS pixels. */
  x: number;
  width: number;
}

const GAP = 14;

/** The numbers of one bucket, beside the line that marks it. */
export function Readout({ picture, bucket, x, width }: Properties) {
  const { stack, names, colours } = picture;
  const rates = stack.groups.map((group) => group.rates[bucket] ?? 0);
  const side = x > width / 2 ? { right: `${width - x + GAP}px` } : { left: `${x + GAP}px` };
  return (
    <div class="readout" style={side} aria-hidden="true">
      <p>{spanText(picture, bucket)}</p>
      <dl>
        {rates.map((rate, index) =>
          rate > 0 ? (
            <>
              <dt>
                <i class="swatch" style={{ background: colours[index] }} aria-hidden="true" />
                {names[index]}
              </dt>
              <dd>{bitRate(rate)}</dd>
            </>
          ) : null,
        )}
        <dt>Total</dt>
        <dd>{bitRate(totalRate(picture, bucket))}</dd>
      </dl>
    </div>
  );
}

/** One bucket as a sentence, for who hears the page. */
export function bucketText(picture: Picture, bucket: number): string {
  return `${spanText(picture, bucket)}: ${bitRate(totalRate(picture, bucket))}`;
}

function spanText({ stack }: Picture, bucket: number): string {
  const start = stack.times[bucket] ?? 0;
  return `${dateTime(start)} – ${timeOfDay(start + stack.stepMilliseconds)}`;
}

function totalRate({ stack }: Picture, bucket: number): number {
  return stack.groups.reduce((sum, group) => sum + (group.rates[bucket] ?? 0), 0);
}
