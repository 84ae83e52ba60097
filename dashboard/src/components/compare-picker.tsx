import { show, view } from "../view";
import { Select } from "./select";

const PERIODS = [
  { value: "", name: "No comparison" },
  { value: "previous", name: "vs the time before" },
  { value: "1d", name: "vs the day before" },
  { value: "1w", name: "vs the week before" },
];

/** What all numbers on the page are compared with. */
export function ComparePicker() {
  const { compare } = view.value;
  const isListed = PERIODS.some((period) => period.value === compare);
  const options = isListed ? PERIODS : [...PERIODS, { value: compare, name: `vs ${compare} before` }];
  return (
    <Select
      label="Compare with"
      options={options}
      chosen={compare}
      onChoose={(chosen) => show({ compare: chosen })}
    />
  );
}
