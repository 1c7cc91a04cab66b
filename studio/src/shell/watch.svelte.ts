/** While the service is away, asks now and then whether it is back. */
import { service } from "../api/client.svelte";
import { say } from "./notes.svelte";
import { words } from "./words";

const PAUSE = 1500; // milliseconds

export function watchService(): void {
  $effect(() => {
    if (service.answering) return;
    const timer = setInterval(async () => {
      try {
        if ((await fetch("/readyz")).ok) {
          service.answering = true;
          say(words().back);
        }
      } catch {
        // still away
      }
    }, PAUSE);
    return () => clearInterval(timer);
  });
}
