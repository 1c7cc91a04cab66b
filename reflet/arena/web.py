"""The voting page, served to a browser: blind, and so built that nothing but what is compared can tell its makers.

What could tell, and what is done: names (sent only in answer to votes), addresses (random, one for a showing),
metadata and sizes (`arena.media`: decoded, fitted, written anew, so both are equally long), order (both
pictures are in memory before the battle is announced), time (a battle is announced at fixed moments after it was asked
for, so that reading a large file does not show).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from reflet.arena.battle import Director, token
from reflet.arena.folder import ArenaFolder
from reflet.arena.log import Battle, Vote
from reflet.arena.votes import check_answers, marks_for
from reflet.runtime.errors import UserError

PAGE = Path(__file__).parent / "page"
COOKIE = "reflet_voter"
ANNOUNCE_AFTER = 0.15  # seconds; a battle is announced at the first multiple of them at which it is ready
MAX_BODY = 2000
LONGEST = 86_400.0  # seconds before a battle that a page may claim
KEPT_SHOWINGS = 2000
KEPT_PICTURES = 128  # of SIZE x SIZE x 3 bytes each; a page fetches its two at once and needs them no more
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
FILES = {
    "/": "vote.html",
    "/vote.js": "vote.js",
    "/stages.js": "stages.js",
    "/words.js": "words.js",
    "/vote.css": "vote.css",
    "/icon.svg": "icon.svg",
}


@dataclass
class Showing:
    """A battle as it is on somebody's page: when it was announced, and its two addresses."""

    battle: Battle
    left: str
    right: str
    announced: float


class Booth:
    """What the page's requests do, apart from HTTP. Showings live in memory; battles and votes in the record."""

    def __init__(self, folder: ArenaFolder, director: Director) -> None:
        self.folder, self.director = folder, director
        self._lock = threading.Lock()
        self._pictures: OrderedDict[str, bytes] = OrderedDict()
        self._showings: OrderedDict[str, Showing] = OrderedDict()

    def meet(self, secret: str) -> str:
        """The pseudonym of the voter who holds this secret; the record never holds the secret itself."""
        voter = hashlib.sha256(f"voter/{secret}".encode()).hexdigest()[:24]
        self.folder.log.meet_voter(voter, salt=hashlib.sha256(f"salt/{secret}".encode()).hexdigest())
        return voter

    def announce(self, voter: str) -> dict[str, Any]:
        """A new battle, with both pictures ready in memory."""
        with self._lock:
            battle = self.director.next(voter)
            left, right = self._ready(battle)
            showing = Showing(battle, token(), token(), time.monotonic())
            self._pictures[showing.left], self._pictures[showing.right] = left, right
            self._showings[battle.id] = showing
            for kept, limit in ((self._showings, KEPT_SHOWINGS), (self._pictures, KEPT_PICTURES)):
                while len(kept) > limit:
                    kept.popitem(last=False)
        prompt = self.folder.log.rows("SELECT text FROM prompts WHERE id = ?", battle.prompt)[0]["text"]
        return {"battle": battle.id, "prompt": prompt, "left": f"/p/{showing.left}", "right": f"/p/{showing.right}"}

    def _ready(self, battle: Battle) -> tuple[bytes, bytes]:
        rows = [self.folder.log.picture(identity) for identity in (battle.left_picture, battle.right_picture)]
        left, right = (self.folder.content(row.sha256) for row in rows)
        worse = None if battle.kind != "canary" else int(battle.answer == "model_a")
        return self.folder.medium.shown(left, right, spoiled=worse, seed=int(battle.id[:8], 16))

    def picture(self, address: str) -> bytes | None:
        """The bytes behind an address, None when it never was or is too old."""
        return self._pictures.get(address)

    def vote(self, voter: str, body: dict[str, Any]) -> dict[str, Any]:
        """Records a vote, then says who made what. Sent again it changes nothing and says the same.

        Raises UserError for what is no answer, or not this voter's battle.
        """
        identity = body.get("battle")
        answers = [body.get(k) for k in ("winner", "looks", "follows")]
        texts = [identity, *(a for a in answers if a is not None)]
        if not all(isinstance(t, str) and t.isascii() for t in texts):
            raise UserError("a vote names a battle and its answers as text")
        check_answers(*answers)
        log = self.folder.log
        battle = log.battle(identity)
        if battle.voter != voter:
            raise UserError("this battle was not shown to you: load the page again")
        showing = self._showings.get(identity)
        waited = time.monotonic() - showing.announced if showing else 0.0
        claimed = body.get("dwell")
        claimed = float(min(claimed, LONGEST)) if isinstance(claimed, int | float) and claimed >= 0 else 0.0
        dwell = min(claimed, waited) if showing else claimed
        seen = body.get("seen") is True
        if self.folder.medium.name == "sound" and answers[0] is not None and not seen:
            raise UserError("play both sounds to their end, then vote; or skip")
        marks = marks_for(log, battle, dwell=dwell, seen=seen, least=self._least(battle))
        vote = Vote(identity, voter, *answers, dwell, seen, marks)  # type: ignore[arg-type]
        stands, new = log.cast(vote)
        return {"new": new, "vote": stands.winner, "reveal": self._reveal(battle, stands), "votes": self.count(voter)}

    def _least(self, battle: Battle) -> float:
        """Seconds that it takes to take both in."""
        rows = [self.folder.log.picture(identity) for identity in (battle.left_picture, battle.right_picture)]
        return sum(self.folder.medium.seconds(row.facts) for row in rows)

    def _reveal(self, battle: Battle, vote: Vote) -> dict[str, Any] | None:
        """Who made what; nothing for a skip, which would be a peek, nor for a check, which has one maker."""
        if vote.winner is None:
            return None
        if battle.kind == "canary":
            return {"check": True}
        names = (self.folder.log.picture(p).contestant for p in (battle.left_picture, battle.right_picture))
        return dict(zip(("left", "right"), names, strict=True))

    def count(self, voter: str) -> int:
        """How many votes this voter has cast, skips left out."""
        sql = "SELECT COUNT(*) AS n FROM votes WHERE voter = ? AND winner NOT NULL"
        return int(self.folder.log.rows(sql, voter)[0]["n"])

    def erase(self, voter: str) -> int:
        """Takes a voter's votes away; returns how many. No battle is chosen from what is going."""
        with self._lock:
            gone = self.folder.log.erase_voter(voter)
            self.director.refresh()
        return gone


def create_page(
    folder: ArenaFolder,
    *,
    director: Director | None = None,
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "[::1]"),
) -> Starlette:
    """The application. `hosts` are the names it answers to: a page elsewhere cannot reach it by another name."""
    booth = Booth(folder, director or Director(folder))

    async def page_file(request: Request) -> Response:
        kept = {"Cache-Control": "no-cache", "Content-Security-Policy": POLICY}
        response = FileResponse(PAGE / FILES[request.url.path], headers=kept)
        if request.url.path == "/" and COOKIE not in request.cookies:
            response.set_cookie(COOKIE, token(), max_age=31_536_000, httponly=True, samesite="strict", path="/")
        return response

    async def battle(request: Request) -> Response:
        asked = time.monotonic()
        voter = await _voter(request, booth)
        found = await run_in_threadpool(booth.announce, voter)
        spent = time.monotonic() - asked
        await asyncio.sleep(ANNOUNCE_AFTER * math.ceil(spent / ANNOUNCE_AFTER) - spent)
        return _json(found)

    async def picture(request: Request) -> Response:
        content = booth.picture(request.path_params["address"])
        if content is None:
            raise HTTPException(404, "this picture is shown no more: load the page again")
        kind = folder.medium.content_type
        return Response(content, media_type=kind, headers={"Cache-Control": "no-store"})

    async def vote(request: Request) -> Response:
        voter = await _voter(request, booth)
        return _json(await run_in_threadpool(booth.vote, voter, await _body(request)))

    async def me(request: Request) -> Response:
        voter = await _voter(request, booth)
        return _json({"votes": await run_in_threadpool(booth.count, voter), "medium": folder.medium.name})

    async def erase(request: Request) -> Response:
        voter = await _voter(request, booth)
        await _body(request)
        response = _json({"erased": await run_in_threadpool(booth.erase, voter)})
        response.set_cookie(COOKIE, token(), max_age=31_536_000, httponly=True, samesite="strict", path="/")
        return response

    routes = [Route(path, page_file) for path in FILES]
    routes += [
        Route("/battle", battle, methods=["POST"]),
        Route("/p/{address}", picture),
        Route("/vote", vote, methods=["POST"]),
        Route("/me", me, methods=["POST"]),
        Route("/erase", erase, methods=["POST"]),
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts)), Middleware(Headers)],
        exception_handlers={UserError: _mendable, HTTPException: _refused},
    )


class Headers:
    """Adds what every answer carries, and refuses posts from other sites."""

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self.app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = dict(scope["headers"])
        if scope["method"] == "POST" and given.get(b"sec-fetch-site", b"same-origin") != b"same-origin":
            await JSONResponse({"error": "this page takes votes from itself only"}, 403)(scope, receive, send)
            return

        async def send_with(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] += [
                    (b"x-content-type-options", b"nosniff"),
                    (b"referrer-policy", b"no-referrer"),
                    (b"cross-origin-resource-policy", b"same-origin"),
                ]
            await send(message)

        await self.app(scope, receive, send_with)


async def _voter(request: Request, booth: Booth) -> str:
    secret = request.cookies.get(COOKIE, "")
    if len(secret) != 32:
        raise HTTPException(403, "no voter: load the page first, with cookies allowed")
    return await run_in_threadpool(booth.meet, secret)


async def _body(request: Request) -> dict[str, Any]:
    if request.headers.get("content-type", "").split(";")[0] != "application/json":
        raise HTTPException(415, "send JSON")
    content = b""
    async for part in request.stream():
        content += part
        if len(content) > MAX_BODY:
            raise HTTPException(413, "this is too long for a vote")
    try:
        found = json.loads(content or b"{}")
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, "this is no JSON") from error
    if not isinstance(found, dict):
        raise HTTPException(400, "send a JSON object")
    return found


def _json(content: dict[str, Any]) -> JSONResponse:
    return JSONResponse(content, headers={"Cache-Control": "no-store"})


async def _mendable(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, 400)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, error.status_code)
