/**
 * Colours of series. Two lists, because no colour keeps 3:1 contrast on both a white and a black ground
 * and still stays apart from its neighbours.
 */

const LIGHT = ["#0b6e99", "#c2571a", "#2c7a4b", "#8a4fb0", "#9a6a00", "#c03a63", "#3f5fc4", "#5f7a12"];
const DARK = ["#56b8dc", "#f0965c", "#5fc98a", "#c79be6", "#e0b84c", "#f07f9f", "#8ea6f5", "#a9c65a"];

export const GROUND = { light: "#ffffff", dark: "#141c23" };
export const INK = {
  light: { ink: "#55616d", line: "#e6ebef" },
  dark: { ink: "#a9b5c0", line: "#26313b" },
};
export const OTHER = { light: "#7d8894", dark: "#8594a3" };
export const UNKNOWN = { light: "#a3adb7", dark: "#5d6b78" };
/** What comes in and what goes out, wherever both are drawn. */
export const DOWN = { light: "#0b6e99", dark: "#56b8dc" };
export const UP = { light: "#c2571a", dark: "#f0965c" };

/** As many series as can be told apart; the rest is drawn as Other. */
export const SERIES_LIMIT = LIGHT.length;

/** The colours, in order of use. */
export function seriesColours(isDark: boolean): readonly string[] {
  return isDark ? DARK : LIGHT;
}
