/** The shape of a size like "352x192" as CSS's aspect-ratio; a square where none is said. */
export function shape(size: string | null | undefined): string {
  const [, width, height] = /^(\d+)x(\d+)$/.exec(size ?? "") ?? [];
  return width && height ? `${width} / ${height}` : "1 / 1";
}
