/** As much of Markdown as a card uses, as plain values: no HTML is ever made of what a file says. */
export interface Span {
  text: string;
  kind: "plain" | "bold" | "code";
}
export type Block =
  | { kind: "heading"; level: 2 | 3; spans: Span[] }
  | { kind: "paragraph"; spans: Span[] }
  | { kind: "list"; items: Span[][] }
  | { kind: "table"; head: Span[][]; rows: Span[][][] };

export function blocks(text: string): Block[] {
  const found: Block[] = [];
  for (const part of text.replace(/\r/g, "").split(/\n\s*\n/)) {
    const lines = part.split("\n").filter((line) => line.trim() !== "");
    while (lines[0]?.startsWith("#")) {
      const line = lines.shift() ?? "";
      found.push({ kind: "heading", level: line.startsWith("# ") ? 2 : 3, spans: spans(line.replace(/^#+\s*/, "")) });
    }
    const first = lines[0];
    if (first === undefined || /^!\[[^\]]*\]\([^)]*\)$/.test(first.trim())) continue;
    if (first.startsWith("|")) found.push(table(lines));
    else if (/^[-*] /.test(first)) found.push({ kind: "list", items: items(lines) });
    else found.push({ kind: "paragraph", spans: spans(lines.join(" ")) });
  }
  return found;
}

function items(lines: string[]): Span[][] {
  const joined: string[] = [];
  for (const line of lines) {
    if (/^[-*] /.test(line)) joined.push(line.slice(2));
    else joined.push(`${joined.pop() ?? ""} ${line.trim()}`);
  }
  return joined.map(spans);
}

function table(lines: string[]): Block {
  const rows = lines
    .filter((line) => !/^\|[\s:|-]+\|$/.test(line))
    .map((line) => line.replace(/^\||\|$/g, "").split("|").map((cell) => spans(cell.trim())));
  return { kind: "table", head: rows[0] ?? [], rows: rows.slice(1) };
}

function spans(text: string): Span[] {
  const plain = text.replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1");
  const found: Span[] = [];
  for (const piece of plain.split(/(\*\*[^*]+\*\*|`[^`]+`)/)) {
    if (piece === "") continue;
    if (piece.startsWith("**")) found.push({ kind: "bold", text: piece.slice(2, -2) });
    else if (piece.startsWith("`")) found.push({ kind: "code", text: piece.slice(1, -1) });
    else found.push({ kind: "plain", text: piece });
  }
  return found;
}
