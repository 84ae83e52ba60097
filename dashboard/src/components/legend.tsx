import type { Picture } from "../chart";
import { FIELD_NAMES } from "../names";
import { OTHER_KEY } from "../stack";
import { bitRate, share, volume } from "../units";
import type { Split } from "../view";
import { ValueButton } from "./value-button";

interface Properties {
  picture: Picture;
  by: Split;
}

/** The chart's legend and its numbers in one: the table beneath it. */
export function Legend({ picture: { stack, colours, names }, by }: Properties) {
  const total = stack.groups.reduce((sum, group) => sum + group.bytes, 0);
  const seconds = (stack.times.length * stack.stepMilliseconds) / 1000;
  return (
    <div class="scroll">
      <table class="legend">
        <thead>
          <tr>
            <th scope="col">{FIELD_NAMES[by]}</th>
            <th scope="col" class="number wide">
              Average
            </th>
            <th scope="col" class="number wide">
              Peak
            </th>
            <th scope="col" class="number">
              Volume
            </th>
            <th scope="col" class="number">
              Share
            </th>
          </tr>
        </thead>
        <tbody>
          {stack.groups.map((group, index) => (
            <tr key={group.key}>
              <th scope="row">
                <i class="swatch" style={{ background: colours[index] }} aria-hidden="true" />
                {group.key === OTHER_KEY ? (
                  "Other"
                ) : (
                  <ValueButton field={by} value={group.key}>
                    {names[index]}
                  </ValueButton>
                )}
              </th>
              <td class="number wide">{bitRate((group.bytes * 8) / seconds)}</td>
              <td class="number wide">{bitRate(Math.max(0, ...group.rates))}</td>
              <td class="number">{volume(group.bytes)}</td>
              <td class="number">{share(group.bytes, total)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
