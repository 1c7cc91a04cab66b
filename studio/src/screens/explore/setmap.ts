/** The map of a training set, as `reflet data diversity` lays it out and a bundle may bring it. */
export interface SpotOnMap {
  x: number;
  y: number;
  k: string; // key
  c: string; // caption
  l: string; // licence
  a: string; // author
  f: Record<string, string>; // what it shows, by facet
  t: string; // thumbnail, a data address
}

export interface SetMapData {
  across: number;
  down: number;
  points: SpotOnMap[];
}

const COLORS = ["#2f86a8", "#c2602c", "#5b8f3a", "#8a5fb5", "#b8912a", "#b0436e", "#3f9d8c", "#7d6a58", "#5470c6", "#999999"];

/** The most frequent values of a facet with their colours; all others share the last one. */
export function legend(points: SpotOnMap[], facet: string): Map<string, string> {
  const counts = new Map<string, number>();
  for (const point of points) counts.set(point.f[facet] ?? "", (counts.get(point.f[facet] ?? "") ?? 0) + 1);
  const names = [...counts].sort((a, b) => b[1] - a[1]).map(([name]) => name);
  return new Map(names.slice(0, COLORS.length - 1).map((name, k) => [name, COLORS[k] ?? "#999999"]));
}
