import { dictionary } from "../../words/language.svelte";

export const words = dictionary({ title: "Verify" }, { title: "Verify" });
