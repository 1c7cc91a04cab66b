/** Where one is: `#/gallery?q=boat`. The address holds the screen and its question, so a reload changes nothing. */

export const SCREENS = ["create", "chat", "gallery", "edit", "explore", "speak", "verify", "admin"] as const;
export type Screen = (typeof SCREENS)[number];

interface Place {
  screen: Screen;
  query: URLSearchParams;
}

function read(): Place {
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?", 2);
  const screen = SCREENS.find((name) => name === path) ?? "create";
  return { screen, query: new URLSearchParams(query) };
}

export const route: Place = $state(read());

addEventListener("hashchange", () => Object.assign(route, read()));

/** The address of a screen, for links. */
export function href(screen: Screen, query: Record<string, string> = {}): string {
  const text = new URLSearchParams(query).toString();
  return `#/${screen}${text ? `?${text}` : ""}`;
}

export function go(screen: Screen, query: Record<string, string> = {}): void {
  location.hash = href(screen, query);
}

/** Changes the question of this screen without a step in the browser's history. */
export function replaceQuery(query: Record<string, string>): void {
  history.replaceState(null, "", href(route.screen, query));
  Object.assign(route, read());
}
