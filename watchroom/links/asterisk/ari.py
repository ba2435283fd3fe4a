"""How do we speak with Asterisk? Its REST interface by httpx, its events by a websocket; a lost connection is made anew.

Nothing here logs an address with its query, a body or an event: they hold numbers and a password.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import structlog
import websockets

log = structlog.get_logger("watchroom.links.asterisk")
ANSWERS_WITHIN_S = 5.0
CONNECTIONS = 12
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 3.0
LONGEST_EVENT = 1_000_000  # bytes
CONNECTED = "_connected"  # our own event: from here on nothing is missed

for name in ("httpx", "httpcore", "websockets"):
    logging.getLogger(name).setLevel(logging.ERROR)  # at lower levels they log addresses


class Gone(Exception):
    """The channel, bridge or recording is not there any more, or not in our hands."""


@dataclass(frozen=True)
class Address:
    """Where the exchange is: `http://127.0.0.1:8088`, and who we are to it."""

    url: str
    user: str
    password: str
    app: str

    def __repr__(self) -> str:
        return f"Address({self.url!r}, {self.user!r}, app={self.app!r})"


class Ari:
    """A connection to one exchange. Raises httpx.HTTPError while it does not answer, `Gone` for what is not there."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.http = httpx.AsyncClient(
            base_url=f"{address.url}/ari",
            auth=(address.user, address.password),
            timeout=httpx.Timeout(ANSWERS_WITHIN_S, pool=60),
            limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
            trust_env=False,
        )

    async def close(self) -> None:
        await self.http.aclose()

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        """For ever: an event `_connected` after each connection, then what happens. What is no event is left out."""
        query = urlencode(
            {"app": self.address.app, "subscribeAll": "true", "api_key": f"{self.address.user}:{self.address.password}"}
        )
        where = f"{self.address.url.replace('http', 'ws', 1)}/ari/events?{query}"
        pause = FIRST_PAUSE_S
        while True:
            try:
                async with websockets.connect(
                    where, max_size=LONGEST_EVENT, proxy=None, ping_interval=5, ping_timeout=5
                ) as socket:
                    log.info("exchange_connected")
                    pause = FIRST_PAUSE_S
                    yield {"type": CONNECTED}
                    async for text in socket:
                        try:
                            event = json.loads(text)
                        except ValueError:
                            continue
                        if isinstance(event, dict) and isinstance(event.get("type"), str):
                            yield event
            except (OSError, websockets.WebSocketException, TimeoutError) as error:
                log.warning("exchange_lost", error=type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE_S, pause * 2)

    async def ask(self, path: str) -> Any:
        return (await self._send("GET", path)).json()

    async def do(self, method: str, path: str, **query: str) -> None:
        await self._send(method, path, **query)

    async def file(self, recording: str) -> AsyncIterator[bytes]:
        """The bytes of a stored recording, as they come."""
        async with self.http.stream("GET", f"/recordings/stored/{quote(recording, safe='')}/file") as answer:
            if answer.status_code == 404:
                raise Gone(recording)
            answer.raise_for_status()
            async for data in answer.aiter_bytes(64 * 1024):
                yield data

    async def _send(self, method: str, path: str, **query: str) -> httpx.Response:
        answer = await self.http.request(method, path, params=query or None)
        if answer.status_code in (400, 404, 409, 412, 422):  # not there, not in our hands, on its way out
            raise Gone(f"{method} {path.split('/')[1]} {answer.status_code}")
        answer.raise_for_status()
        return answer
