const WIDTH = 96;
const HEIGHT = 22;

/** The shape of a number over the range, without a scale; the numbers stand beside it. */
export function Sparkline({ values }: { values: readonly number[] }) {
  const peak = Math.max(...values, 0);
  if (peak === 0) return null;
  const step = WIDTH / values.length;
  const points = values.map((value, index) => {
    const y = (HEIGHT - (value / peak) * (HEIGHT - 2)).toFixed(1);
    return `${(index * step).toFixed(1)},${y} ${((index + 1) * step).toFixed(1)},${y}`;
  });
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width={WIDTH}
      height={HEIGHT}
      aria-hidden="true"
    >
      <polygon points={`0,${HEIGHT} ${points.join(" ")} ${WIDTH},${HEIGHT}`} />
    </svg>
  );
}
