/** Light, dark, or as the system says; the choice is kept in this browser. */

import { computed, effect, signal } from "@preact/signals";

export const THEMES = ["auto", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const KEY = "tidegauge.theme";
const systemDark = matchMedia("(prefers-color-scheme: dark)");
const isSystemDark = signal(systemDark.matches);

export const theme = signal<Theme>(THEMES.find((name) => name === localStorage.getItem(KEY)) ?? "auto");
export const isDark = computed(() => (theme.value === "auto" ? isSystemDark.value : theme.value === "dark"));

/** Go on to the next theme. */
export function nextTheme(): void {
  theme.value = THEMES[(THEMES.indexOf(theme.peek()) + 1) % THEMES.length] ?? "auto";
}

/** Keep the document's colour scheme as chosen. */
export function followTheme(): void {
  systemDark.addEventListener("change", (event) => {
    isSystemDark.value = event.matches;
  });
  effect(() => {
    localStorage.setItem(KEY, theme.value);
    document.documentElement.style.colorScheme = theme.value === "auto" ? "light dark" : theme.value;
  });
}
