/** Numbers as people read them: always with their unit, rates in bits, volumes in bytes, SI prefixes. */

const PREFIXES = ["", "k", "M", "G", "T", "P", "E"];
const WHOLE = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });

function scaled(value: number, unit: string): string {
  let size = Math.abs(value);
  let index = 0;
  while (size >= 999.5 && index < PREFIXES.length - 1) {
    size /= 1000;
    index += 1;
  }
  const digits = index === 0 || size >= 99.5 ? 0 : size >= 9.95 ? 1 : 2;
  return `${value < 0 ? "−" : ""}${size.toFixed(digits)} ${PREFIXES[index] ?? ""}${unit}`;
}

/** Bits per second: `171 Mb/s`. */
export function bitRate(bitsPerSecond: number): string {
  return scaled(bitsPerSecond, "b/s");
}

/** A rate on an axis, where zeros after the point are noise: `10 Mb/s`, `2.5 Mb/s`. */
export function axisRate(bitsPerSecond: number): string {
  return bitsPerSecond === 0
    ? "0"
    : bitRate(bitsPerSecond)
        .replace(/(\.\d*?)0+ /, "$1 ")
        .replace(". ", " ");
}

/** Bytes: `1.25 GB`. */
export function volume(bytes: number): string {
  return scaled(bytes, "B");
}

/** A count in full, with separators: `4,210`. */
export function count(value: number): string {
  return WHOLE.format(value);
}

/** A count short enough for a tile: `3.10 M`. */
export function shortCount(value: number): string {
  return value < 10_000 ? count(value) : scaled(value, "").trim();
}

/** A part of a whole: `31 %`; what is there but rounds to nothing is `<1 %`. */
export function share(part: number, whole: number): string {
  if (whole <= 0 || part <= 0) return "0 %";
  const hundredths = (100 * part) / whole;
  return hundredths < 1 ? "<1 %" : `${hundredths.toFixed(0)} %`;
}

/** A share from 0 to 1: `31 %`, and below one percent with a digit more, for losses are small: `0.2 %`. */
export function percent(part: number): string {
  const hundredths = 100 * part;
  return `${hundredths > 0 && hundredths < 1 ? hundredths.toPrecision(1) : hundredths.toFixed(0)} %`;
}

/** Nanoseconds of a round trip: `40.2 ms`. */
export function milliseconds(nanoseconds: number): string {
  const size = nanoseconds / 1e6;
  return `${size.toFixed(size >= 99.5 ? 0 : size >= 9.95 ? 1 : 2)} ms`;
}

/** A span of time in its largest fitting unit: `12 s`, `3 min`, `2 h`, `4 d`. */
export function span(seconds: number): string {
  if (seconds < 600) return `${Math.max(0, seconds).toFixed(0)} s`;
  if (seconds < 5400) return `${(seconds / 60).toFixed(0)} min`;
  if (seconds < 172_800) return `${(seconds / 3600).toFixed(0)} h`;
  return `${(seconds / 86_400).toFixed(0)} d`;
}

/** How long something took, to the minute from two minutes on: `40 s`, `52 min`, `1 h 29 min`. */
export function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
