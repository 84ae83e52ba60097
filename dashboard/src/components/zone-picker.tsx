import { show, view } from "../view";
import { OWN_ZONE } from "../zone";
import { Select } from "./select";

/** The zone of every time on the page. A link that names another keeps it. */
export function ZonePicker() {
  const named = view.value.time_zone;
  const zones = [...new Set(["UTC", named].filter((name) => name !== "" && name !== OWN_ZONE))];
  const options = [{ value: "", name: OWN_ZONE }, ...zones.map((name) => ({ value: name, name }))];
  return (
    <Select
      label="Time zone"
      options={options}
      chosen={named === OWN_ZONE ? "" : named}
      onChoose={(time_zone) => show({ time_zone })}
    />
  );
}
