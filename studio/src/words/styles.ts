/** The styles' names; the service knows them in English. */
import { language } from "./language.svelte";

const FRENCH: Record<string, string> = {
  photograph: "photographie",
  watercolour: "aquarelle",
  ink: "encre",
  "oil painting": "peinture à l’huile",
  "pixel art": "pixel art",
  toon: "dessin animé",
  pencil: "crayon",
  "low-poly": "low-poly",
  "black and white": "noir et blanc",
  vintage: "ancien",
  impressionist: "impressionniste",
  "stained glass": "vitrail",
  comic: "bande dessinée",
};

export function styleName(style: string): string {
  const name = language.current === "fr" ? (FRENCH[style] ?? style) : style;
  return name.charAt(0).toUpperCase() + name.slice(1);
}
