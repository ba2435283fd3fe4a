"""How long until a change is on every screen? Many streams, some of which break off and come back, while contacts arrive."""

import asyncio
import re
import time
from typing import Any
from urllib.parse import urlsplit

from watchroom.bench import ground

FORCE, RATE = "bench-live", 5  # contacts a second
AGAIN = re.compile(rb'data: {"seq": (\d+)}').match  # a resync, or the first word of a stream
TOLD = re.compile(rb'data: {"after": (\d+), "seq": (\d+)').match


def measure(*, short: bool) -> dict[str, Any]:
    from django.db import transaction

    from watchroom.foundation import clock, live, scope
    from watchroom.staff import actions as staff

    screens, seconds = (100, 8) if short else (1000, 60)
    ground.found(FORCE)
    with scope.use(FORCE), transaction.atomic():
        staff.join(name="handler", full_name="Bench", roles=["handler"], password="", by="system:bench", at=clock.now())
    begin = live.head(FORCE)
    with ground.web() as url:
        streams = [Stream(url, ground.cookie(FORCE, "handler"), begin) for _ in range(screens)]
        committed = asyncio.run(_watch(streams, seconds))
    first, last = min(committed), max(committed)
    seen = [stream.seen() for stream in streams]
    waits = [(at - committed[seq]) * 1000 for each in seen for seq, at in each.items() if seq in committed]
    return {
        "screens": screens,
        "contacts_per_second": round(len(committed) / seconds, 1),
        "facts": last - begin,
        "delivery": ground.percentiles(waits),
        "reconnected": sum(stream.opened - 1 for stream in streams),
        "missed": sum(1 for each in seen for seq in range(first, last + 1) if seq not in each),
        "repeated": sum(stream.repeated() for stream in streams),
        "resyncs": sum(stream.resyncs for stream in streams),
    }


class Stream:
    """One screen: when it was told of each number."""

    def __init__(self, url: str, cookie: str, after: int) -> None:
        self.where = urlsplit(url)
        self.cookie, self.last = cookie, after
        self.told: list[tuple[int, int, float]] = []  # after which number, up to which, and when
        self.opened = self.resyncs = 0
        self.ready = asyncio.Event()

    def seen(self) -> dict[int, float]:
        """When each number was told first: most stand for some before them, of which this screen shows nothing."""
        return {seq: at for after, upto, at in reversed(self.told) for seq in range(after + 1, upto + 1)}

    def repeated(self) -> int:
        return sum(upto - after for after, upto, _ in self.told) - len(self.seen())

    async def follow(self) -> None:
        while True:
            try:
                await self._once()
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(0.2)

    async def _once(self) -> None:
        reader, writer = await asyncio.open_connection(self.where.hostname, self.where.port, limit=2**22)
        try:
            ask = f"GET /live?topics=contacts&after={self.last} HTTP/1.1\r\nHost: {self.where.netloc}\r\nCookie: {self.cookie}\r\n\r\n"
            writer.write(ask.encode())
            self.opened += 1
            while line := await reader.readline():
                if line.startswith(b"event: hello"):
                    self.ready.set()
                elif line.startswith(b"event: resync"):
                    self.resyncs += 1
                elif again := AGAIN(line):
                    self.last = int(again[1])
                elif told := TOLD(line):
                    after, self.last = int(told[1]), int(told[2])
                    self.told.append((after, self.last, time.monotonic()))
        finally:
            writer.close()


async def _watch(streams: list[Stream], seconds: float) -> dict[int, float]:
    """When each contact was committed, by the number of its last fact. Half way, every fifth stream breaks off and comes back."""
    tasks = [asyncio.create_task(stream.follow()) for stream in streams]
    await asyncio.wait_for(asyncio.gather(*(stream.ready.wait() for stream in streams)), 120)
    writing = asyncio.create_task(asyncio.to_thread(_write, seconds))
    await asyncio.sleep(seconds / 2)
    for n in range(0, len(streams), 5):
        tasks[n].cancel()
    await asyncio.sleep(0.5)
    for n in range(0, len(streams), 5):
        tasks[n] = asyncio.create_task(streams[n].follow())
    committed = await writing
    for _ in range(300):
        if all(stream.last >= max(committed) for stream in streams):
            break
        await asyncio.sleep(0.1)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return committed


def _write(seconds: float) -> dict[int, float]:
    from watchroom.bench import intake
    from watchroom.foundation import live

    receive = intake.receive(0, FORCE)
    committed: dict[int, float] = {}
    begun = time.monotonic()
    for n in range(int(seconds * RATE)):
        time.sleep(max(0.0, begun + n / RATE - time.monotonic()))
        receive()
        at = time.monotonic()
        committed[live.head(FORCE)] = at
    return committed
