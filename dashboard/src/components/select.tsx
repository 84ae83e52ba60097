interface Properties {
  label: string;
  options: readonly { value: string; name: string }[];
  chosen: string;
  onChoose: (value: string) => void;
}

/** One of several, in little room. */
export function Select({ label, options, chosen, onChoose }: Properties) {
  return (
    <select
      class="select"
      aria-label={label}
      title={label}
      value={chosen}
      onChange={(event) => onChoose(event.currentTarget.value)}
    >
      {options.map(({ value, name }) => (
        <option key={value} value={value}>
          {name}
        </option>
      ))}
    </select>
  );
}
