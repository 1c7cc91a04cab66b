/** What the studio says: short notes on the screen, and a status line that screen readers read out. */

export interface Note {
  id: number;
  text: string;
  kind: "plain" | "wrong";
  action?: { label: string; run: () => void } | undefined;
}

export const notes: { shown: Note[]; status: string } = $state({ shown: [], status: "" });
let last = 0;

/** A note at the foot of the page; it goes after some seconds, an error stays longer. */
export function say(text: string, options: { kind?: Note["kind"]; action?: Note["action"] } = {}): void {
  const note: Note = { id: ++last, text, kind: options.kind ?? "plain", action: options.action };
  notes.shown = [...notes.shown.filter((other) => other.text !== text), note].slice(-3);
  setTimeout(() => dismiss(note.id), note.kind === "wrong" ? 9000 : note.action ? 7000 : 4000);
}

export function dismiss(id: number): void {
  notes.shown = notes.shown.filter((note) => note.id !== id);
}

/** For screen readers only: that something began, or came. */
export function announce(text: string): void {
  notes.status = text;
}
