"""The leaderboard as one self-contained page: no script, no request; it can be kept, mailed and opened anywhere."""

from __future__ import annotations

import time
from html import escape
from pathlib import Path

from reflet.arena.folder import ArenaFolder
from reflet.arena.judges import JudgeBoard
from reflet.arena.plots import axis, categories, color_of, interval, over_time, rounded, scale_of, win_matrix
from reflet.arena.rating import POINTS, Board, Effect, Entry, outcome_shares
from reflet.arena.summary import Summary

STYLESHEET = Path(__file__).parent / "page" / "board.css"
TIES = {
    "davidson": "ties have a parameter of their own (Davidson), so that their number does not shrink the scale",
    "half": "a tie counts as half a win and half a loss, as on the public boards, which shrinks the scale",
    "grounded": "ties and both-bad have parameters of their own (grounded Rao-Kupper)",
}


def page(summary: Summary, folder: ArenaFolder) -> str:
    """The HTML."""
    board = summary.board
    when = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(summary.made))
    parts = [
        "<!doctype html><html lang='en'><meta charset='utf-8'>",
        "<meta name='viewport' content='width=device-width,initial-scale=1'>",
        f"<title>{escape(summary.title)}: leaderboard</title>",
        f"<style>{STYLESHEET.read_text(encoding='utf-8')}</style>",
        f"<header><p class='kicker'>Reflet arena</p><h1>{escape(summary.title)}</h1>",
        f"<p class='lead'>{headline(board)}</p>"
        f"<p class='facts'>{board.num_votes:,} votes · {board.num_voters} voters · {len(board.models)} contestants · "
        f"{when}</p></header>",
        notes(summary),
        board_table(board, summary.status),
    ]
    sections = [
        ("By question", questions(summary)),
        ("By category", categories(summary.categories, board) if len(summary.categories) > 1 else ""),
        ("Who is preferred to whom", matrix(board)),
        ("As votes came in", over_time(summary.history, board)),
        ("Where they differ most", telling(summary, folder)),
        ("What sways votes", effects([*board.effects, *summary.style])),
        ("How sure, how fragile", sureness(summary)),
        ("Free prompts", free_prompts(summary)),
        ("Judges that are programs", judges(summary)),
        ("Integrity", integrity(summary)),
    ]
    parts += [f"<section><h2>{title}</h2>{body}</section>" for title, body in sections if body]
    return "\n".join([*parts, method(board), "</html>"]) + "\n"


def headline(board: Board) -> str:
    """One sentence: who leads, and whether that is known."""
    rated = [e for e in board.entries if e.rating is not None]
    if not rated:
        return "Nobody has voted yet."
    first = rated[0]
    surely = [e for e in rated if e.rank_lower == 1]
    if len(surely) == 1:
        return f"<b>{escape(first.name)}</b> leads, and the lead is certain at 95 %."
    others = ", ".join(escape(e.name) for e in surely if e is not first)
    return f"<b>{escape(first.name)}</b> is ahead, but {others} may be as good: these votes cannot tell."


def notes(summary: Summary) -> str:
    """What must be known before the numbers are read."""
    items = list(summary.board.notes)
    if summary.flagged:
        items.append(f"{len(summary.flagged)} suspicions about voters wait for a human's review (see Integrity).")
    return f"<aside>{''.join(f'<p>{escape(n)}</p>' for n in items)}</aside>" if items else ""


def _range(e: Entry) -> str:
    if e.rank is None:
        return "–"
    return str(e.rank_lower) if e.rank_lower == e.rank_upper else f"{e.rank_lower}–{e.rank_upper}"


def board_table(board: Board, status: dict[str, str]) -> str:
    """The board: rank range, name, interval, rating, votes, share of decided votes won."""
    scale = scale_of(board)
    rows = []
    for e in board.entries:
        chips = [f"<span class='chip {s}'>{s}</span>" for s in (status.get(e.name, "active"),) if s != "active"]
        chips += [f"<span class='chip'>{escape(t)}</span>" for t in (e.remark,) if t]
        chips += ["<span class='chip soft'>preliminary</span>"] if e.status == "preliminary" else []
        decided = e.wins + e.losses
        rating = "–" if e.rating is None else f"{e.rating:.0f}<small>±{rounded(e.half_width)}</small>"
        rows.append(
            f"<tr class='{e.status}'><td class='rank'>{_range(e)}</td>"
            f"<th scope='row'>{escape(e.name)} {''.join(chips)}</th>"
            f"<td>{interval(e, scale, color_of(board, e.name))}</td><td class='num strong'>{rating}</td>"
            f"<td class='num'>{e.num_votes:,.0f}</td>"
            f"<td class='num'>{f'{100 * e.wins / decided:.0f} %' if decided else '–'}</td>"
            f"<td class='num'>{f'{100 * (e.ties + e.both_bad) / e.num_votes:.0f} %' if e.num_votes else '–'}</td></tr>"
        )
    return (
        "<div class='wide'><table class='board'><thead><tr><th>rank</th><th>contestant</th>"
        "<th>95 % interval</th>"
        "<th class='num'>rating</th><th class='num'>votes</th><th class='num'>won</th>"
        "<th class='num'>undecided</th>"
        f"</tr></thead><tbody>{''.join(rows)}</tbody><tfoot><tr><td></td><td></td><td>{axis(scale)}</td>"
        "<td colspan='4'></td></tr></tfoot></table></div><p class='small'>The rank is the range that the votes allow, "
        "all ranges together at 95 %. Won: of decided votes.</p>"
    )


def _table(head: list[str], rows: list[list[str]]) -> str:
    cells = "".join(f"<th{' class=num' if k else ''}>{h}</th>" for k, h in enumerate(head))
    lines = [f"<th scope=row>{r[0]}</th>" + "".join(f"<td class=num>{c}</td>" for c in r[1:]) for r in rows]
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<div class='wide'><table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table></div>"


def _cell(board: Board | None, name: str) -> str:
    e = None if board is None else board.entry(name)
    return "–" if e is None or e.rating is None else f"{e.rating:.0f}<small>±{rounded(e.half_width)}</small>"


def questions(summary: Summary) -> str:
    """Overall beside the two details."""
    if not summary.questions:
        return ""
    labels = {"looks": "looks better", "follows": "follows the prompt"}
    rows = [
        [escape(e.name), _cell(summary.board, e.name), *(_cell(b, e.name) for b in summary.questions.values())]
        for e in summary.board.entries
        if e.rating is not None
    ]
    counts = [f"<tr><th scope=row>votes</th><td class=num>{summary.board.num_votes:,}</td>"]
    counts += [f"<td class=num>{b.num_votes:,}</td>" for b in summary.questions.values()]
    table = _table(["contestant", "overall", *(labels[q] for q in summary.questions)], rows)
    return table.replace("</tbody>", "".join(counts) + "</tr></tbody>")


def matrix(board: Board) -> str:
    """The win matrix, where anybody has won."""
    if not board.tally.wins().any():
        return ""
    return (
        "<p class='small'>Percent of decided votes for the row against the column; small: how many.</p>"
        + win_matrix(board)
    )


def effects(found: list[Effect]) -> str:
    """Position, ties, style."""
    shown = [e for e in found if e.name != "ties"]
    if not shown:
        return ""
    rows = [
        [escape(e.name), f"{e.points:+.0f}", f"{e.lower * POINTS:+.0f} to {e.upper * POINTS:+.0f}",
         "no effect shown" if e.lower <= 0 <= e.upper else "real"]
        for e in shown
    ]  # fmt: skip
    return (
        "<p class='small'>In points; sides are random, so none of this favours a contestant. Style is for one standard "
        "deviation more than the other picture; ratings of the board above are not adjusted for it.</p>"
        + _table(["effect", "points", "95 % interval", ""], rows)
    )


def sureness(summary: Summary) -> str:
    """What further votes would give, and how few would turn a place."""
    rows, fragile = [], {f.above: f for f in summary.fragile}
    for o in summary.needed:
        f = fragile.get(o.name)
        turn = (
            "–"
            if f is None
            else "no number"
            if f.num_votes is None
            else f"{f.num_votes} ({100 * (f.share or 0):.2g} %)"
        )
        needed = "–" if o.votes_needed is None else f"{o.votes_needed:,}"
        rows.append([escape(o.name), f"±{rounded(o.half_width)}", needed, rounded(o.detectable), turn])
    if not rows:
        return ""
    head = ["contestant", "now", "votes to ±10", "difference seen", "votes that hold it"]
    return (
        "<p class='small'>Votes to ±10: further votes on this contestant, from voters like these. Difference seen: to "
        "the next in rank, with 80 % power. Votes that hold it: so few, left out, would put the next one above.</p>"
        + _table(head, rows)
    )


def telling(summary: Summary, folder: ArenaFolder) -> str:
    """What was made of the prompts with the clearest votes."""
    out = []
    for t in summary.telling:
        sides = ((t.winner, t.winner_picture, t.wins), (t.loser, t.loser_picture, t.losses))
        figures = "".join(_figure(summary, folder, *side) for side in sides)
        out.append(f"<article><p>{escape(t.prompt)} <span class='chip soft'>{escape(t.category)}</span></p>"
                   f"<div class='pair'>{figures}</div></article>")  # fmt: skip
    return f"<div class='telling'>{''.join(out)}</div>" if out else ""


def _figure(summary: Summary, folder: ArenaFolder, name: str, made: str, votes: int) -> str:
    return (
        f"<figure>{folder.medium.html(folder.content(made), label=name)}<figcaption>"
        f"<b style='color:{color_of(summary.board, name)}'>{escape(name)}</b> "
        f"{votes} {'vote' if votes == 1 else 'votes'}</figcaption></figure>"
    )


def free_prompts(summary: Summary) -> str:
    """The board of prompts that belong to no pool."""
    if summary.free is None or not summary.free.num_votes:
        return ""
    rows = [[escape(e.name), _cell(summary.free, e.name), _cell(summary.board, e.name)] for e in summary.free.entries]
    return (
        f"<p class='small'>{summary.free.num_votes:,} votes on prompts that anybody chose: apart, since who chooses "
        "prompts can choose a winner.</p>" + _table(["contestant", "free prompts", "pool"], rows)
    )


def judges(summary: Summary) -> str:
    """Each judge's board beside people's, never in it."""
    return "".join(_judge(j, summary.board) for j in summary.judges)


def _judge(found: JudgeBoard, people: Board) -> str:
    c, rows = found.calibration, []
    for e in found.board.entries:
        if e.rating is not None:
            points = found.calibrated.get(e.name)
            told = (
                "–" if points is None else f"{points[0]:.0f}<small>{rounded(points[1])} to {rounded(points[2])}</small>"
            )
            rows.append([escape(e.name), _cell(found.board, e.name), told, _cell(people, e.name)])
    if c is None:
        text = "People have not voted on the pictures that it decided, so nothing says how much it is worth."
    else:
        text = (
            f"It agrees with people in {100 * c.agreement:.0f} % [{100 * c.lower:.0f}, {100 * c.upper:.0f}] of their "
            f"{c.votes:,} decided votes on the same pictures; who knew only which contestant is chosen more often "
            f"would in {100 * c.chance:.0f} %."
        )
        if c.lower <= c.chance:
            text += " These votes do not show that it sees more than that."
    return (
        f"<h3>{escape(found.judge)}</h3><p>{text}</p><p class='small'>A program, asked in both orders; "
        f"{found.board.num_votes:,} votes, intervals over {found.board.num_voters:,} prompts. On people’s scale: each "
        "of its decisions counted for as much as it agrees with people, as if it erred alike everywhere.</p>"
        + _table(["contestant", "its votes", "on people’s scale", "people"], rows)
    )


def integrity(summary: Summary) -> str:
    """Agreement, marks, exclusions, flags; the board with nobody left out."""
    items = []
    for name, a in (("Voters with one another", summary.between), ("Voters with themselves", summary.within)):
        if a is not None:
            items.append(f"{name}, on {a.units} repeated battles: Krippendorff's alpha {a.alpha:.2f} [{a.lower:.2f}, "
                         f"{a.upper:.2f}].")  # fmt: skip
    items += [
        f"{100 * share:.1f} % of votes are marked “{escape(m)}”; they count." for m, share in summary.marks.items()
    ]
    items.append(f"{summary.num_excluded} votes are left out by a reviewer's decision; the audit has "
                 f"{summary.num_audited} rows, its chain is whole, and each vote is as it was cast.")  # fmt: skip
    out = "".join(f"<li>{i}</li>" for i in items)
    shares = ", ".join(f"{n.replace('_', ' ')} {100 * s:.0f} %" for n, s in outcome_shares(summary.board.tally).items())
    out = f"<ul>{out}<li>Answers, by side: {shares.replace('model a', 'left').replace('model b', 'right')}.</li></ul>"
    if summary.flagged:
        rows = [[f"<code>{escape(f.voter[:12])}</code>", escape(f.reason), f"{f.e_value:.3g}", str(f.votes)]
                for f in summary.flagged[:20]]  # fmt: skip
        out += "<h3>For review</h3>" + _table(["voter", "reason", "e-value", "votes"], rows)
    if summary.without_exclusions is not None:
        rows = [[escape(e.name), _cell(summary.board, e.name), _cell(summary.without_exclusions, e.name)]
                for e in summary.board.entries]  # fmt: skip
        out += "<h3>With nobody left out</h3>" + _table(["contestant", "board", "all votes"], rows)
    return out


def method(board: Board) -> str:
    """How the numbers were made."""
    over = (
        "voters, whose votes resemble one another, with Student's quantiles"
        if board.interval_by == "voters"
        else "single votes"
    )
    return (
        "<footer><h2>How this was computed</h2><p>Bradley-Terry by maximum likelihood; "
        f"{TIES[board.ties]}; an intercept for the left side; one phantom draw for each contestant, so that who never "
        "lost stays finite. 400 points are ten to one; the mean is 1000. Intervals are sandwich intervals over "
        f"{over}. Rank ranges hold together. Ratings of two boards with other contestants do "
        "not compare.</p></footer>"
    )
