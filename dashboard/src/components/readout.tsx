import { Fragment } from "preact";

import { dateTime, timeOfDay } from "../moment";
import { totalRate, type Picture } from "../picture";
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
  const before = picture.before[bucket];
  const side = x > width / 2 ? { right: `${width - x + GAP}px` } : { left: `${x + GAP}px` };
  return (
    <div class="readout" style={side} aria-hidden="true">
      <p>{spanText(picture, bucket)}</p>
      <dl>
        {picture.layers.map(({ key, name, colour, rates }) =>
          rates[bucket] ? (
            <Fragment key={key}>
              <dt>
                <i class="swatch" style={{ background: colour }} aria-hidden="true" />
                {name}
              </dt>
              <dd>{bitRate(rates[bucket])}</dd>
            </Fragment>
          ) : null,
        )}
        <dt>Total</dt>
        <dd>{bitRate(totalRate(picture, bucket))}</dd>
        {before !== undefined && (
          <>
            <dt>Before</dt>
            <dd>{bitRate(before)}</dd>
          </>
        )}
      </dl>
    </div>
  );
}

/** One bucket as a sentence, for who hears the page. */
export function bucketText(picture: Picture, bucket: number): string {
  return `${spanText(picture, bucket)}: ${bitRate(totalRate(picture, bucket))}`;
}

function spanText({ times, stepMilliseconds }: Picture, bucket: number): string {
  const start = times[bucket] ?? 0;
  return `${dateTime(start)} – ${timeOfDay(start + stepMilliseconds)}`;
}
