import { fieldName, OTHER_KEY, UNKNOWN_KEY } from "../names";
import type { Layer, Picture } from "../picture";
import { bitRate, share, volume } from "../units";
import { ValueButton } from "./value-button";

interface Properties {
  picture: Picture;
  /** The field the layers are values of; none where they are directions. */
  by?: string;
}

/** The chart's legend and its numbers in one: the table beneath it. */
export function Legend({ picture, by }: Properties) {
  const total = picture.layers.reduce((sum, layer) => sum + layer.bytes, 0);
  const seconds = (picture.times.length * picture.stepMilliseconds) / 1000;
  return (
    <div class="scroll">
      <table class="legend">
        <thead>
          <tr>
            <th scope="col">{by ? fieldName(by) : "Direction"}</th>
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
          {picture.layers.map((layer) => (
            <tr key={layer.key}>
              <th scope="row">
                <i class="swatch" style={{ background: layer.colour }} aria-hidden="true" />
                <LayerName layer={layer} by={by} />
              </th>
              <td class="number wide">{bitRate((layer.bytes * 8) / seconds)}</td>
              <td class="number wide">{bitRate(Math.max(0, ...layer.rates))}</td>
              <td class="number">{volume(layer.bytes)}</td>
              <td class="number">{share(layer.bytes, total)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function LayerName({ layer, by }: { layer: Layer; by: string | undefined }) {
  if (!by || layer.key === OTHER_KEY) return layer.name;
  return <ValueButton field={by} value={layer.key === UNKNOWN_KEY ? null : layer.key} />;
}
