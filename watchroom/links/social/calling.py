"""One message to the gateway over HTTPS, in a time that is short whatever the other side does.

What it answers is an outcome and no error. Whether it is known that nothing went out decides whether there is another try.
"""

import asyncio
import json
from typing import Any

import httpx

from watchroom.contacts.sending import Tried
from watchroom.links.records.connections import Connection

TIMEOUT_S = 15.0  # of the whole try, from the name's lookup to the last byte
MOST_BYTES = 64 * 1024
TAKEN = (200, 201, 202)
LATER = (429, 503)  # it says itself that it took nothing, and may the next time
UNKNOWN = (500, 502, 504)  # somebody in between says that something broke: after or before it was taken


def hand_over(connection: Connection, key: str, body: dict[str, Any]) -> Tried:
    """A silence or an answer that may come from in between leaves it open whether the gateway has it."""
    try:
        status, _ = asyncio.run(_ask(connection, "POST", connection.url, key, body))
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        return Tried(f"the gateway is not there ({type(error).__name__})")
    except (httpx.HTTPError, OSError, TimeoutError) as error:
        return Tried(f"the gateway did not answer ({type(error).__name__})", is_known=False)
    if status in TAKEN:
        return Tried()
    return Tried(f"the gateway answered {status}", is_final=status not in LATER, is_known=status not in UNKNOWN)


def has(connection: Connection, key: str) -> bool:
    """Whether the gateway says that it has this one. False proves nothing."""
    try:
        status, body = asyncio.run(_ask(connection, "GET", f"{connection.url}/{key}", key, None))
        return status == 200 and json.loads(body).get("sent") is True
    except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError, ValueError, AttributeError):
        return False


def take_down(connection: Connection, key: str) -> bool:
    """Whether the gateway says that it stands nowhere any more."""
    try:
        status, _ = asyncio.run(_ask(connection, "DELETE", f"{connection.url}/{key}", key, None))
        return status in (200, 204)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError):
        return False


async def _ask(connection: Connection, method: str, url: str, key: str, body: dict[str, Any] | None) -> tuple[int, bytes]:
    headers = {
        "Authorization": f"Bearer {connection.token}",
        "Idempotency-Key": key,
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": "watchroom",
    }
    client = httpx.AsyncClient(follow_redirects=False, timeout=TIMEOUT_S, trust_env=not connection.is_here)
    async with asyncio.timeout(TIMEOUT_S), client, client.stream(method, url, json=body, headers=headers) as answer:
        said = bytearray()
        async for piece in answer.aiter_raw():
            said += piece
            if len(said) > MOST_BYTES:
                break
        return answer.status_code, bytes(said)
