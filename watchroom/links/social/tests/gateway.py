"""A small gateway on loopback: a fake, written from the README's protocol. Real sockets, real httpx."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "token-of-the-gateway"


@dataclass
class Gateway:
    """What it took, what stands, and what it answers."""

    taken: list[dict[str, Any]] = field(default_factory=list)
    stands: set[str] = field(default_factory=set)
    asked: list[tuple[str, str]] = field(default_factory=list)  # method, path
    answers: list[int] = field(default_factory=list)  # of the next requests; then 201
    once_taken: Callable[[], None] = lambda: None  # between taking it and saying so
    says_what_it_has: bool = True


class _Http(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        gateway = self.gateway
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.headers["Authorization"] == f"Bearer {TOKEN}"
        assert self.headers["Idempotency-Key"] == body["key"]
        gateway.asked.append(("POST", self.path))
        status = gateway.answers.pop(0) if gateway.answers else 201
        if status in (200, 201, 202):
            gateway.taken.append(body)
            gateway.stands.add(body["key"])
            try:
                gateway.once_taken()
            except ConnectionError:
                self.close_connection = True
                return
        self.say(status, {})

    def do_GET(self) -> None:
        self.gateway.asked.append(("GET", self.path))
        has = self.path.rsplit("/", 1)[1] in self.gateway.stands and self.gateway.says_what_it_has
        self.say(200 if has else 404, {"sent": has})

    def do_DELETE(self) -> None:
        self.gateway.asked.append(("DELETE", self.path))
        status = self.gateway.answers.pop(0) if self.gateway.answers else 200
        if status == 200:
            self.gateway.stands.discard(self.path.rsplit("/", 1)[1])
        self.say(status, {})

    def say(self, status: int, body: dict[str, Any]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    @property
    def gateway(self) -> Gateway:
        return self.server.gateway  # type: ignore[attr-defined, no-any-return]

    def log_message(self, *_: Any) -> None: ...


@contextmanager
def serving(gateway: Gateway) -> Iterator[int]:
    """The port at which it is served."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Http) as server:
        server.gateway = gateway  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
