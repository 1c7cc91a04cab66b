/** Light, dark, or as the system has it. The tokens in app.css follow `color-scheme`. */
import { Kept } from "../kept.svelte";

export type Theme = "auto" | "light" | "dark";
const chosen = new Kept<Theme>("theme", "auto");

function show(): void {
  if (chosen.value === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = chosen.value;
}

export const theme = {
  get current(): Theme {
    return chosen.value;
  },
  set current(value: Theme) {
    chosen.value = value;
    show();
  },
};
show();
