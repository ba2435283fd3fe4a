"""One question to one system over HTTPS, in a time that is short whatever the other side does.

The clock runs over the whole of a try, from the name's lookup to the last byte: a system that sends one byte a second is as late as one
that sends none. No redirect is followed and no packed answer unpacked, and nothing after the first 256 KiB is read.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx

from watchroom.identity.research.rules import Came, Problem
from watchroom.links.records import protocol
from watchroom.links.records.connections import Connection

PAUSE_S = 0.5  # before a system that could not be reached is tried again


@dataclass(frozen=True)
class Order:
    """All that a call needs, read in one transaction before it; the call itself is in none."""

    connection: Connection
    key: str
    question: dict[str, Any]
    timeout_s: float
    tries: int
    most: int


@dataclass(frozen=True)
class Outcome:
    records: tuple[Came, ...] = ()
    is_cut: bool = False
    problem: Problem | None = None


async def call(order: Order) -> Outcome:
    """What came of it; never raises for what the other side does. What may pass by itself is tried again, with the same key."""
    outcome = Outcome(problem="unreachable")
    for number in range(order.tries):
        if number:
            await asyncio.sleep(PAUSE_S)
        try:
            async with asyncio.timeout(order.timeout_s):
                outcome = await _once(order)
        except TimeoutError:
            return Outcome(problem="timeout")  # once more would keep the handler waiting as long again
        except (httpx.TransportError, OSError):
            outcome = Outcome(problem="unreachable")
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ValueError):
            outcome = Outcome(problem="nonsense")
        if outcome.problem not in ("unreachable", "busy"):
            return outcome
    return outcome


async def _once(order: Order) -> Outcome:
    headers = {
        "Authorization": f"Bearer {order.connection.token}",
        "Idempotency-Key": order.key,
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": "watchroom",
    }
    async with httpx.AsyncClient(
        follow_redirects=False,
        timeout=order.timeout_s,
        trust_env=not order.connection.is_here,
        limits=httpx.Limits(max_connections=1),
    ) as client:
        async with client.stream("POST", order.connection.url, json=order.question, headers=headers) as answer:
            if answer.status_code in (429, 500, 502, 503, 504):
                return Outcome(problem="busy")
            if answer.status_code != 200:
                return Outcome(problem="refused" if 400 <= answer.status_code < 500 else "nonsense")
            kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
            if kind != "application/json" or answer.headers.get("content-encoding", "identity") != "identity":
                return Outcome(problem="nonsense")
            body = bytearray()
            async for piece in answer.aiter_raw():
                body += piece
                if len(body) > protocol.MOST_BYTES:
                    return Outcome(problem="nonsense")
    try:
        # 256 KiB are read in some milliseconds; in a thread all the same, so that no other call waits for it
        records, is_cut = await asyncio.to_thread(protocol.read, bytes(body), most=order.most)
    except protocol.Unreadable:
        return Outcome(problem="nonsense")
    return Outcome(tuple(records), is_cut)
