# ruff: noqa: E501 (style sheet or script)
"""The frame of the reports about a set: one file, no request, and nothing in it that a caption could make run."""

from __future__ import annotations

import base64
from html import escape

STYLE = """
:root{--ink:#1c2733;--soft:#5d6b78;--line:#e2e2dc;--ground:#fbfaf7;--card:#fff;--good:#3f8f6b;--bad:#c2603a;--mid:#2f6f9f}
@media (prefers-color-scheme:dark){:root{--ink:#e8e8e3;--soft:#9aa7b2;--line:#30363d;--ground:#14181d;--card:#1b2026;
--good:#5fb58d;--bad:#e08a5f;--mid:#6ba7d6}}
*{box-sizing:border-box}body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:76rem;padding:2rem 1.25rem 4rem;
color:var(--ink);background:var(--ground)}h1{font-size:2rem;line-height:1.15;margin:0 0 .25rem;letter-spacing:-.01em}
h2{font-size:1.25rem;margin:2.5rem 0 .5rem}p{margin:.25rem 0 .75rem;max-width:46rem}small,.soft{color:var(--soft)}
code{background:color-mix(in srgb,var(--ink) 8%,transparent);padding:.1em .35em;border-radius:4px;font-size:.88em}
.big{display:flex;flex-wrap:wrap;gap:1rem;margin:1.5rem 0}.big div{background:var(--card);border:1px solid var(--line);
border-radius:10px;padding:.8rem 1.2rem;min-width:9rem}.big b{display:block;font-size:1.75rem;line-height:1.2;
font-variant-numeric:tabular-nums}.bar{height:.8rem;border-radius:.4rem;background:var(--bad);overflow:hidden;margin:.5rem 0 1rem}
.bar i{display:block;height:100%;background:var(--good)}.grid{display:grid;gap:.9rem;
grid-template-columns:repeat(auto-fill,minmax(10.5rem,1fr));margin:.75rem 0}.grid figure{margin:0;background:var(--card);
border:1px solid var(--line);border-radius:10px;padding:.6rem;font-size:.8rem;line-height:1.35;overflow-wrap:anywhere}
.pair{display:flex;gap:.35rem;height:6.5rem;align-items:center;justify-content:center;margin-bottom:.45rem}
.pair img{max-width:100%;max-height:100%;min-width:0;border-radius:4px;object-fit:contain}.pair.two img{max-width:48%}
figcaption b{display:block;font-weight:600}table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:.5rem 0}
td,th{padding:.28rem .9rem .28rem 0;text-align:left;border-bottom:1px solid var(--line);font-weight:400;vertical-align:middle}
th{color:var(--soft);font-size:.85rem}td.n,th.n{text-align:right}.meter{display:inline-block;height:.55rem;border-radius:.3rem;
background:var(--mid);vertical-align:middle}.head{display:flex;flex-wrap:wrap;gap:1.5rem;align-items:flex-start;
justify-content:space-between}.head>div{flex:1 1 24rem}.head svg{margin-top:1.4rem}a{color:var(--mid)}section{border-top:1px solid var(--line);margin-top:2rem}
"""


def frame(title: str, body: str, *, script: str = "", script_hash: str = "") -> str:
    """A whole page. The policy lets nothing load from anywhere, and only the given script run."""
    scripts = f"script-src 'sha256-{script_hash}'; " if script else ""
    policy = (
        f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; {scripts}base-uri 'none'; form-action 'none'"
    )
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        "<meta name='viewport' content='width=device-width,initial-scale=1'>"
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>{body}"
        + (f"<script>{script}</script>" if script else "")
        + "</body></html>\n"
    )


def picture(thumbnail: bytes, *, alt: str = "") -> str:
    """A thumbnail inside the page."""
    if not thumbnail:
        return "<span class='soft'>no picture</span>"
    return f"<img alt='{escape(alt, quote=True)}' src='data:image/webp;base64,{base64.b64encode(thumbnail).decode()}'>"


def number(value: int) -> str:
    """12345 -> "12,345"."""
    return f"{value:,}"
