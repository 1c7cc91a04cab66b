"""A store that speaks as much of S3 as pictures need, in memory, on a port of loopback. Signatures are not checked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

DATE = "2026-11-01T00:00:00.000Z"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Any

    def do_PUT(self) -> None:
        content = self._body()
        if self._key() is not None:
            self.server.objects[self._path()] = content
        self._answer(200, headers={"ETag": f'"{md5(content).hexdigest()}"'})

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        if self._key() is None:
            self._answer(200, self._listing(query.get("prefix", [""])[0]), kind="application/xml")
        elif self._path() in self.server.objects:
            self._answer(200, self.server.objects[self._path()], headers=self._about())
        else:
            self._missing()

    def do_HEAD(self) -> None:
        if self._key() is None or self._path() in self.server.objects:
            self._answer(200, self.server.objects.get(self._path(), b""), headers=self._about())
        else:
            self._missing()

    def do_DELETE(self) -> None:
        self.server.objects.pop(self._path(), None)
        self._answer(204)

    def _path(self) -> str:
        return unquote(urlsplit(self.path).path).strip("/")

    def _key(self) -> str | None:
        return self._path().partition("/")[2] or None

    def _about(self) -> dict[str, str]:
        return {"Last-Modified": "Sun, 01 Nov 2026 00:00:00 GMT", "ETag": '"0"'}

    def _body(self) -> bytes:
        content = self.rfile.read(int(self.headers.get("content-length") or 0))
        if "aws-chunked" not in (self.headers.get("content-encoding") or ""):
            return content
        whole = b""
        while content:  # SIZE[;signature]CRLF DATA CRLF, until a size of 0
            head, _, content = content.partition(b"\r\n")
            size = int(head.partition(b";")[0], 16)
            if size == 0:
                break
            whole, content = whole + content[:size], content[size + 2 :]
        return whole

    def _listing(self, prefix: str) -> bytes:
        bucket = self._path().partition("/")[0]
        rows = [
            f"<Contents><Key>{escape(name.partition('/')[2])}</Key><LastModified>{DATE}</LastModified>"
            f"<Size>{len(content)}</Size><StorageClass>STANDARD</StorageClass></Contents>"
            for name, content in sorted(self.server.objects.items())
            if name.startswith(f"{bucket}/{prefix}")
        ]
        head = f"<Name>{bucket}</Name><KeyCount>{len(rows)}</KeyCount><IsTruncated>false</IsTruncated>"
        return f'<?xml version="1.0"?><ListBucketResult>{head}{"".join(rows)}</ListBucketResult>'.encode()

    def _missing(self) -> None:
        self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>", kind="application/xml")

    def _answer(
        self,
        status: int,
        content: bytes = b"",
        *,
        headers: dict[str, str] | None = None,
        kind: str = "binary/octet-stream",
    ) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), "Content-Type": kind, **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def bucket_server() -> Iterator[tuple[str, dict[str, bytes]]]:
    """(its address, its objects by "bucket/key")."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.objects = {}  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", server.objects  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
