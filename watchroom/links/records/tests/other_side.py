"""A system that is asked, as a real HTTP server on this machine: it answers as it is told to, also badly.

A fake: no system of records is public that it could be checked against.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN = "a-token-of-the-tests"
LEANNE = {
    "reference": "H-4471",
    "given_name": "Leanne",
    "family_name": "Whitcombe",
    "born": "1984-03-12",
    "numbers": ["07700 900417"],
    "addresses": [{"street": "Flat 2, 18 Tanner’s Row", "town": "Harrowby", "postcode": "HB4 2QT"}],
    "flags": ["Moved here as an emergency in September"],
    "as_of": "2026-11-01",
}
DEREK = {"reference": "H-9", "given_name": "Derek", "family_name": "Ashdown", "born": "1951-07-02", "addresses": []}


def records(*found: dict, more: bool = False) -> bytes:
    return json.dumps({"records": list(found), "more": more}).encode()


@dataclass
class OtherSide:
    """What it answers, and what it was asked."""

    body: bytes = field(default_factory=lambda: records(LEANNE, DEREK))
    status: int = 200
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    fails_first: int = 0  # so many 503 before it answers
    waits: float = 0.0
    drips: bool = False  # a byte every tenth of a second
    asked: list[tuple[dict[str, str], dict]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    url: str = ""


@contextmanager
def listening(**how) -> Iterator[OtherSide]:
    side = OtherSide(**how)
    ending = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            side.paths.append(f"{self.command} {self.path}")
            side.asked.append((dict(self.headers), sent))
            ending.wait(side.waits)
            status = 503 if len(side.asked) <= side.fails_first else side.status
            try:
                self.send_response(status)
                self.send_header("Content-Type", side.kind)
                self.send_header("Content-Length", str(len(side.body)))
                for name, value in side.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                for at in range(0, len(side.body), 1 if side.drips else 65536):
                    self.wfile.write(side.body[at : at + (1 if side.drips else 65536)])
                    if side.drips and ending.wait(0.1):
                        return
            except OSError:
                return  # whoever asked had enough

        do_PUT = do_POST

        def log_message(self, *args) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    side.url = f"http://127.0.0.1:{server.server_port}/ask"
    try:
        yield side
    finally:
        ending.set()
        server.shutdown()
        server.server_close()
        thread.join(timeout=2)
        time.sleep(0)
