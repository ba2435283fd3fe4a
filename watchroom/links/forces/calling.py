"""One message to a force in another installation, over HTTPS, and its answer. No redirect is followed, and nothing is unpacked."""

import asyncio

import httpx
from pydantic import ValidationError

from watchroom.links.records.connections import Connection
from watchroom.referrals.forces.document import Answer

TIMEOUT_S = 10.0  # of the whole, from the name's lookup to the last byte
MOST_BYTES = 65_536  # of an answer


async def call(connection: Connection, key: str, body: str) -> "Answer | str":
    """What they answered, or why there is no answer (`referrals.forces.rules.PROBLEMS`). Never raises for what the other side does."""
    try:
        async with asyncio.timeout(TIMEOUT_S):
            return await _once(connection, key, body)
    except (TimeoutError, httpx.TransportError, OSError):
        return "unreachable"
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ValidationError, ValueError):
        return "nonsense"


async def _once(connection: Connection, key: str, body: str) -> "Answer | str":
    headers = {
        "Authorization": f"Bearer {connection.token}",
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": "watchroom",
    }
    url = f"{connection.url.rstrip('/')}/{key}"
    async with (
        httpx.AsyncClient(follow_redirects=False, timeout=TIMEOUT_S, trust_env=not connection.is_here) as client,
        client.stream("PUT", url, content=body.encode(), headers=headers) as answer,
    ):
        if answer.status_code in (429, 500, 502, 503, 504):
            return "unreachable"
        if answer.status_code != 200:
            return "refused" if 400 <= answer.status_code < 500 else "nonsense"
        if answer.headers.get("content-encoding", "identity") != "identity":
            return "nonsense"
        read = bytearray()
        async for piece in answer.aiter_raw():
            read += piece
            if len(read) > MOST_BYTES:
                return "nonsense"
    return Answer.model_validate_json(bytes(read))
