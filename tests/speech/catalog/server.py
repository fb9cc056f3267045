"""A server on loopback for one file, with the faults of real ones."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Behaviour:
    """What the server does. `cuts`: after how many bytes each answer ends, one after the other.

    `claims`: bytes more that it says to send; `etag` '' sends none; `ranges` False ignores them;
    `blind`: answers ranges without looking at If-Range; `status`: these first, one each;
    `block`, `pause`: bytes at once and seconds between; `chunked`: without any length;
    `swap`: content from the second request on; `location`: where it sends people.
    """

    content: bytes
    cuts: list[int] = field(default_factory=list)
    claims: int = 0
    etag: str = '"one"'
    ranges: bool = True
    blind: bool = False
    status: list[int] = field(default_factory=list)
    block: int = 1 << 16
    pause: float = 0.0
    chunked: bool = False
    endless: bool = False
    swap: bytes | None = None
    location: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    behaviour: Behaviour

    def do_GET(self) -> None:
        it = self.behaviour
        it.asked.append(dict(self.headers))
        self.close_connection = True
        if it.status:
            self.send_response(it.status.pop(0))
            self._end({"Content-Length": "0"})
            return
        if it.location:
            self.send_response(302)
            self._end({"Location": it.location, "Content-Length": "0"})
            return
        content, start = it.content, 0
        if it.swap is not None and len(it.asked) > 1:
            content = it.swap
            it.etag = '"two"'
        wanted = self.headers.get("Range", "")
        same = it.blind or self.headers.get("If-Range") == it.etag
        if wanted and it.ranges and same:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
            if start >= len(content):
                self.send_response(416)
                self._end({"Content-Range": f"bytes */{len(content)}", "Content-Length": "0"})
                return
        self._answer(content, start)

    def _answer(self, content: bytes, start: int) -> None:
        it = self.behaviour
        headers = {"ETag": it.etag} if it.etag else {}
        self.send_response(206 if start else 200)
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        if not it.chunked:
            headers["Content-Length"] = str(len(content) - start + it.claims)
        self._end({**headers, "Connection": "close"})
        body = content[start : start + it.cuts.pop(0)] if it.cuts else content[start:]
        try:
            self._send(body)
            while it.endless:
                self._send(bytes(1 << 16))
        except OSError:
            pass  # the other side has had enough

    def _send(self, body: bytes) -> None:
        it = self.behaviour
        for at in range(0, len(body), it.block):
            self.wfile.write(body[at : at + it.block])
            self.wfile.flush()
            if it.pause:
                time.sleep(it.pause)

    def _end(self, headers: dict[str, str]) -> None:
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(behaviour: Behaviour) -> Iterator[str]:
    """The address of the file."""
    handler = type("Handler", (_Handler,), {"behaviour": behaviour})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/model.zip"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
