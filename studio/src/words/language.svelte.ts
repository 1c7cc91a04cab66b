/** Two languages. Each screen brings its own words; French has to have every key that English has. */
import { Kept } from "../kept.svelte";

export type Language = "en" | "fr";
type Entry = string | ((...values: never[]) => string);
type Same<T> = { [K in keyof T]: T[K] extends string ? string : T[K] };

const chosen = new Kept<Language>("language", navigator.language.toLowerCase().startsWith("fr") ? "fr" : "en");

export const language = {
  get current(): Language {
    return chosen.value;
  },
  set current(value: Language) {
    chosen.value = value;
  },
};

/** `const t = $derived(words())` in a component; `words` is the dictionary. */
export function dictionary<T extends Record<string, Entry>>(en: T, fr: Same<T>): () => T {
  return () => (language.current === "fr" ? (fr as unknown as T) : en);
}

/** 1234.5 -> "1,234.5" or "1 234,5". */
export function number(value: number, digits = 0): string {
  return value.toLocaleString(language.current, { maximumFractionDigits: digits });
}

/** Seconds: 0.34 s, 12 s, 2 min 5 s. */
export function seconds(value: number): string {
  if (value < 10) return `${value.toLocaleString(language.current, { maximumSignificantDigits: 2 })} s`;
  if (value < 90) return `${Math.round(value)} s`;
  return `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`;
}

/** Energy: 4.1 J, 2.3 kJ, 1.2 kWh. */
export function energy(joules: number): string {
  const digits = { maximumSignificantDigits: 2 };
  if (joules < 1000) return `${joules.toLocaleString(language.current, digits)} J`;
  if (joules < 3.6e5) return `${(joules / 1000).toLocaleString(language.current, digits)} kJ`;
  return `${(joules / 3.6e6).toLocaleString(language.current, digits)} kWh`;
}

/** A time of the server (seconds since 1970). */
export function moment(at: number): string {
  return new Date(at * 1000).toLocaleString(language.current, { dateStyle: "medium", timeStyle: "short" });
}
