"""A room with a real exchange: Asterisk, callers, telephones that answer, the link's own process, and people who act."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from tests import world
from tests.telephony import exchange as real
from watchroom import testing
from watchroom.contacts import actions as contacts
from watchroom.contacts import stages
from watchroom.contacts.models import Attachment, Contact, Line
from watchroom.force import actions as forces
from watchroom.force import queries as force
from watchroom.foundation import clock, supervise
from watchroom.staff.models import Member

NUMBERS = tuple(f"07700900{n:03d}" for n in range(1000))


class Wire:
    """Between the link and the exchange, so that a test can cut it: a TCP relay on loopback."""

    def __init__(self, to: int) -> None:
        self.to, self.is_open = to, True
        self.port = testing.free_port()
        self.server = socket.create_server(("127.0.0.1", self.port))
        self.ends: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.server.accept()
            except OSError:
                return
            if not self.is_open:
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self.to))
            self.ends += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    @staticmethod
    def _carry(one: socket.socket, other: socket.socket) -> None:
        try:
            while data := one.recv(65536):
                other.sendall(data)
        except OSError:
            pass
        for end in (one, other):
            end.close()

    def cut(self) -> None:
        """Every connection breaks, and none is made until `mend`."""
        self.is_open = False
        for end in self.ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self.ends.clear()

    def mend(self) -> None:
        self.is_open = True


@dataclass
class Room:
    exchange: real.Exchange
    wire: Wire
    data: Path
    environment: dict[str, str]
    process: Any = None
    members: dict[str, Member] = field(default_factory=dict)

    def start(self) -> None:
        module = "tests.telephony.writing_down" if "WATCHROOM_EVENTS" in os.environ else "watchroom.links.asterisk.process"
        before = len(self.said("exchange_synced"))
        self.process = supervise.start([sys.executable, "-m", module], env=self.environment, log=self.data / "console")
        until(lambda: len(self.said("exchange_synced")) > before, 60, self.trouble)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def said(self, event: str) -> list[dict[str, Any]]:
        log = self.data / "logs" / "exchange.log"
        lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")] if log.exists() else []
        return [line for line in lines if line["event"] == event]

    def trouble(self) -> str:
        log = self.data / "logs" / "exchange.log"
        return (log.read_text()[-4000:] if log.exists() else "") + (self.data / "console").read_text()[-2000:]

    def callers(
        self,
        count: int,
        *,
        scenario: str = "caller",
        service: str = "999",
        talk_ms: int = 20_000,
        rate: float = 5,
        first: int = 0,
        presses: tuple[tuple[int, str], ...] = (),
    ) -> Any:
        """So many people ring; numbers in order from 07700 900000 + `first`. `presses`: after so many ms, this key (`presses.xml`)."""
        folder = self.exchange.inside
        self.exchange.speech("caller", "He is at the door. He has a knife. Please hurry.")
        numbers = folder / f"numbers-{time.monotonic_ns()}.csv"
        numbers.write_text("SEQUENTIAL\n" + "".join(f"{NUMBERS[first + n]};\n" for n in range(count)))
        return self.exchange.sipp(
            scenario, "-s", service, "-m", str(count), "-r", str(max(1, int(rate))), "-inf", f"{self.exchange.folder}/{numbers.name}",
            "-p", str(testing.free_port()), f"127.0.0.1:{self.exchange.sip}",
            keys={
                "talk": str(talk_ms),
                "speech": f"{self.exchange.folder}/caller.ulaw",
                "presses": "".join(
                    f'<pause milliseconds="{ms}"/><nop><action><exec play_dtmf="{key}"/></action></nop>' for ms, key in presses
                ),
            },
        )  # fmt: skip

    def attends(self, **rule: Any) -> None:
        """The force's attendant from now on, with these settings and changes of sayings; callbacks are rung at any hour."""
        now = clock.now()
        with transaction.atomic():
            policy = force.policy_at(now).policy
            said = tuple(one.model_copy(update=rule.pop(one.code, {})) for one in policy.attendant.sayings)
            more = {
                "attendant": policy.attendant.model_copy(update={"sayings": said, **rule}),
                "callbacks": policy.callbacks.model_copy(update={"within_s": 300}),
                "routing": policy.routing.model_copy(update={"callbacks_from_hour": 0, "callbacks_to_hour": 24}),
                "meta": policy.meta.model_copy(update={"version": policy.meta.version + 1}),
            }
            forces.adopt(policy=policy.model_copy(update=more), by="system:tests", at=now)

    def contact(self, n: int, state: str | None = None) -> Contact:
        """Of the caller with this number, once there is one (in this state)."""
        found: list[Contact] = []

        @transaction.atomic
        def is_there() -> bool:
            rows = Contact.objects.filter(caller_number=f"+447700900{n:03d}").order_by("-pk").select_related("owner")
            found[:] = (rows.filter(state=state) if state else rows)[:1]
            return bool(found)

        until(is_there, 15, lambda: f"no contact of {n} {state or ''}\n{self.trouble()}")
        return found[0]

    def answer(self, contact: Contact, member: Member) -> Contact:
        return contacts.answer(contact=contact.pk, member=member, by=member.code, at=clock.now())

    def channels(self) -> list[dict[str, Any]]:
        return json.loads(self.exchange.ask("/channels"))

    def inside(self, contact: Contact) -> list[str]:
        """Which channels hear each other in this contact's call."""
        bridges = json.loads(self.exchange.ask("/bridges"))
        return next((one["channels"] for one in bridges if one["id"] == f"wr.{contact.pk}"), [])

    def roles(self, contact: Contact) -> list[str]:
        """Who hear each other: caller, handler.bryn, partner.fire."""
        return sorted(".".join(one.split(".")[2:4]) if one.startswith("wr.") else "caller" for one in self.inside(contact))

    def hears(self, contact: Contact, *roles: str, within: float = 20) -> None:
        until(lambda: self.roles(contact) == sorted(roles), within, lambda: f"{self.roles(contact)}\n{self.trouble()}")

    def becomes(self, contact: Contact, state: str, within: float = 20) -> Contact:
        @transaction.atomic
        def now() -> Contact:
            return Contact.objects.select_related("owner").get(pk=contact.pk)

        until(lambda: now().state == state, within, lambda: f"{contact.pk} is {now().state}, not {state}\n{self.trouble()}")
        return now()

    def end(self, contact: Contact) -> None:
        contacts.end(contact=contact.pk, how="handler", by="staff:1", at=clock.now())

    @transaction.atomic
    def log(self, contact: Contact) -> list[str]:
        return list(Line.objects.filter(contact=contact).order_by("pk").values_list("text", flat=True))

    @transaction.atomic
    def stages(self, contact: Contact) -> list[str]:
        return [one.stage for one in stages.of(Contact.objects.get(pk=contact.pk))]

    def recordings(self, contact: Contact, count: int = 1, within: float = 20) -> list[Attachment]:
        """What was kept of this call, once so much is."""

        @transaction.atomic
        def kept() -> list[Attachment]:
            return list(Attachment.objects.filter(contact=contact, origin="exchange").order_by("pk"))

        until(lambda: len(kept()) >= count, within, lambda: f"{len(kept())} recordings\n{self.trouble()}")
        return kept()

    def is_quiet(self) -> None:
        until(lambda: not self.channels(), 15, lambda: f"{self.channels()}\n{self.trouble()}")


def until(question: Callable[[], object], within: float = 10, why: Callable[[], str] = str) -> None:
    deadline = time.monotonic() + within
    while not question():
        assert time.monotonic() < deadline, why()
        time.sleep(0.03)


@pytest.fixture(scope="module")
def asterisk() -> Iterator[real.Exchange]:
    if why := real.missing():
        pytest.skip(f"NO REAL EXCHANGE HERE: {why}")
    with real.running() as exchange:
        yield exchange


@pytest.fixture
def room(asterisk: real.Exchange, clone: str, northmoor: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Room]:
    """With a wire that can be cut where the test asks for it: `parametrize("room", ["wire"], indirect=True)`."""
    with transaction.atomic():
        members = {name: world.a_member(name, "handler") for name in asterisk.handlers}
    wire = Wire(asterisk.http)
    (tmp_path / "asterisk.toml").write_text(asterisk.link_settings(http=wire.port if hasattr(request, "param") else None))
    environment = {**os.environ, "WATCHROOM_DATA": str(tmp_path)}
    environment.pop("WATCHROOM_OWNER_URL", None)
    here = Room(asterisk, wire, tmp_path, environment, members=members)
    try:
        here.start()
        yield here
        here.is_quiet()
    finally:
        supervise.end_all([here.process])
        wire.cut()
        wire.server.close()
