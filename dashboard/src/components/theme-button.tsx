import { nextTheme, theme } from "../theme";
import { Icon } from "./icon";

/** Auto, light, dark, in turn. */
export function ThemeButton() {
  const label = `Theme: ${theme.value}`;
  return (
    <button type="button" class="icon-button" aria-label={label} title={label} onClick={nextTheme}>
      <Icon name={theme.value} />
    </button>
  );
}
