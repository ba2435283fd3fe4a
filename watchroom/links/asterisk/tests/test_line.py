"""The line between an exchange and the rooms, over events that a real Asterisk 22 sent (`data/events.jsonl`; to callers of
the attendant, `data/attended.jsonl`; numbers invented).

The exchange here only notes what it is told, and says of the telephones it is to ring what the real one said of its own. That the
real one does what it is told is tried by `tests/telephony`.
"""

import asyncio
import json
import random
import re
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction

from tests import world
from watchroom.contacts import actions as contacts
from watchroom.contacts import calls, stages
from watchroom.contacts.attendant import rules as attendant
from watchroom.contacts.models import Attachment, Contact
from watchroom.foundation import clock, vault
from watchroom.foundation.models import Fact
from watchroom.identity.lost import actions as ringing
from watchroom.links.asterisk import rules
from watchroom.links.asterisk.ari import CONNECTED, Gone
from watchroom.links.asterisk.line import Line
from watchroom.links.asterisk.settings import Exchange

DATA = Path(__file__).parent / "data"
RECORDED, ON_101 = (
    [json.loads(line) for line in (DATA / name).read_text().splitlines()] for name in ("events.jsonl", "attended.jsonl")
)
ON_A_TRUNK = [event for event in RECORDED if "channel" in event and not rules.part(event["channel"]["id"])]
TRUNKS = {"999": "999", "101": "101"}
SOUND = b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data\x00\x00\x00\x00"


class Noted:
    """In place of `ari.Ari`."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.there: list[dict] = []
        self.bridges: list[dict] = []
        self.stored: list[dict] = []
        self.line: Line | None = None

    async def ask(self, path: str) -> list[dict]:
        return {"/channels": self.there, "/bridges": self.bridges, "/recordings/stored": self.stored}[path]

    async def do(self, method: str, path: str, **query: str) -> None:
        self.done.append(f"{method} {path.split('?')[0]}")
        if method == "POST" and rules.part(path.rpartition("/")[2]) and self.line:
            self.line.inbox.put_nowait(leg("StasisStart", path.rpartition("/")[2]))

    async def file(self, name: str):
        if name not in [one["name"] for one in self.stored]:
            raise Gone(name)
        yield SOUND

    async def close(self) -> None:
        pass


def leg(kind: str, channel: str) -> dict:
    """As the real one told of a telephone that was answered, or put down."""
    found = next(event for event in RECORDED if event["type"] == kind and rules.part(event["channel"]["id"]))
    return {**found, "channel": {**found["channel"], "id": channel}}


def told(line: Line, *events: dict, turns: int = 1) -> None:
    """The line takes these in, and whatever follows."""

    async def take() -> None:
        for event in events:
            line.inbox.put_nowait(event)
        for _ in range(turns):
            line.inbox.put_nowait({"type": "_tick"})
            await line._turn()
            if line.telling:
                await line.telling
        while not line.inbox.empty():
            await line._turn()
        await asyncio.gather(*line.fetching.values())

    asyncio.run(take())


@pytest.fixture
def line(clone: str, northmoor: str) -> Line:
    with transaction.atomic():
        world.a_member("bryn", "handler")
    made = Line("northmoor", Exchange(url="http://127.0.0.1:1", user="nobody", partners={"fire": "PJSIP/fire"}))
    made.ari = Noted()
    made.ari.line = made
    told(made, {"type": CONNECTED})
    yield made
    made._database.shutdown()


@pytest.fixture
def bryn(line: Line):
    with transaction.atomic():
        return world.a_member("bryn")


def of_call(channel: str) -> list[dict]:
    return [event for event in ON_A_TRUNK if event["channel"]["id"] == channel]


ANSWERED = next(event["channel"]["id"] for event in ON_A_TRUNK if event["type"] == "ChannelStateChange")


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in (1, 2))])
def test_what_a_real_exchange_told_is_one_contact_a_call_in_any_order(line: Line, seed: int) -> None:
    events = [*ON_A_TRUNK, *random.Random(seed).sample(ON_A_TRUNK, len(ON_A_TRUNK) // 2)]
    random.Random(seed).shuffle(events)
    told(line, *events, turns=20)
    keys = {(event["channel"]["id"], event["channel"]["creationtime"]) for event in ON_A_TRUNK}
    gone = {
        (event["channel"]["id"], event["channel"]["creationtime"]) for event in ON_A_TRUNK if event["type"] == "ChannelDestroyed"
    }
    with transaction.atomic():
        assert Contact.objects.count() == len(keys) >= 10
        found = Counter(Contact.objects.values_list("state", flat=True))
    assert found == Counter(abandoned=len(gone), waiting=len(keys) - len(gone))


def test_a_call_is_answered_at_the_desk_and_put_down_there(line: Line, bryn) -> None:
    rings, ends = of_call(ANSWERED)[:2], [event for event in of_call(ANSWERED) if event["type"] == "ChannelDestroyed"]
    told(line, *rings)
    with transaction.atomic():
        (call,) = Contact.objects.all()
        assert line.ari.done == [f"POST /channels/{ANSWERED}/ring"]
        contacts.answer(contact=call.pk, member=bryn, by=bryn.code, at=clock.now())
    told(line, turns=2)
    bridge = f"/bridges/wr.{call.pk}"
    assert f"POST {bridge}/record" in line.ari.done
    assert line.ari.done.count(f"POST {bridge}/addChannel") == 2
    assert sum(rules.part(one.rpartition("/")[2]) is not None for one in line.ari.done) == 1  # one telephone rang, once
    with transaction.atomic():
        calls.hold(contact=call.pk, by=bryn.code, at=clock.now())
    told(line)
    assert line.ari.done[-2:] == [f"POST {bridge}/removeChannel", f"POST /channels/{ANSWERED}/moh"]
    with transaction.atomic():
        contacts.end(contact=call.pk, how="handler", by=bryn.code, at=clock.now())
    told(line, *ends, turns=2)
    assert line.ari.done[-1] == f"DELETE {bridge}"
    told(line, *rings, *ends)  # late, and twice
    with transaction.atomic():
        assert Contact.objects.get().state == "ended"


def test_after_a_lost_connection_who_is_gone_is_gone_and_who_is_there_is_not_rung_again(line: Line, bryn) -> None:
    other = next(event["channel"]["id"] for event in ON_A_TRUNK if event["channel"]["id"] != ANSWERED)
    told(line, of_call(ANSWERED)[0], of_call(other)[0])
    with transaction.atomic():
        for call in Contact.objects.all():
            contacts.answer(contact=call.pk, member=bryn, by=bryn.code, at=clock.now())
    told(line, turns=2)
    legs = [key.id for key in line.book if rules.part(key.id)]
    line.ari.there = [of_call(ANSWERED)[0]["channel"], *(leg("StasisStart", one)["channel"] for one in legs)]
    before = [one for one in line.ari.done if "wr." in one and "/channels/" in one]
    told(line, {"type": CONNECTED}, turns=2)
    with transaction.atomic():
        states = dict(Contact.objects.values_list("call_key", "state"))
    assert sorted(states.values()) == ["answered", "ended"]
    assert next(state for key, state in states.items() if key.startswith(f"asterisk:{ANSWERED}:")) == "answered"
    assert [one for one in line.ari.done if one.startswith("POST") and "wr." in one and "/channels/" in one] == before


def test_a_process_that_starts_in_mid_call_ends_what_ended_meanwhile(line: Line, bryn) -> None:
    told(line, of_call(ANSWERED)[0])
    anew = Line("northmoor", line.exchange)
    anew.ari = Noted()
    told(anew, {"type": CONNECTED})
    anew._database.shutdown()
    with transaction.atomic():
        assert Contact.objects.get().state == "abandoned"


def test_a_recording_is_kept_once_and_then_forgotten_by_the_exchange(line: Line) -> None:
    told(line, of_call(ANSWERED)[0])
    with transaction.atomic():
        call = Contact.objects.get()
    name = f"wr.{call.pk}.1"
    line.ari.stored = [{"name": name}, {"name": "somebody-elses"}]
    finished = next(event for event in RECORDED if event["type"] == "RecordingFinished")
    for _ in range(2):
        told(line, {**finished, "recording": {**finished["recording"], "name": name}})
    with transaction.atomic():
        kept = Attachment.objects.get()
        assert vault.read(kept.token, sha256=kept.sha256).read_bytes() == SOUND
    assert line.ari.done.count(f"DELETE /recordings/stored/{name}") == 2
    assert not any("somebody" in one for one in line.ari.done)


def test_the_exchanges_clock_may_be_behind_ours(line: Line, bryn) -> None:
    """An end before the answer would make an answered call one that was given up."""
    told(line, of_call(ANSWERED)[0])
    with transaction.atomic():
        (call,) = Contact.objects.all()
        contacts.answer(contact=call.pk, member=bryn, by=bryn.code, at=clock.now() + timedelta(days=400))
    told(line, *of_call(ANSWERED))
    with transaction.atomic():
        call.refresh_from_db()
    assert call.state == "ended"
    assert call.ended_at >= call.answered_at


# --- The attendant of 101


class Attended:
    """A caller on 101, at an hour at which callbacks are rung; time passes when it is told to."""

    def __init__(self, line: Line, monkeypatch: pytest.MonkeyPatch, *, trunk: str = "101", number: str = "07700900417") -> None:
        self.line, self.now = line, clock.now().replace(hour=10, minute=0)
        monkeypatch.setattr(clock, "now", lambda: self.now)
        started = of_call(ANSWERED)[0]
        made = self.now.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        caller, dialled = {"name": "", "number": number}, {"context": "trunk", "exten": trunk}
        self.channel = {**started["channel"], "state": "Ring", "creationtime": made, "caller": caller, "dialplan": dialled}
        told(line, {**started, "args": [trunk], "channel": self.channel}, turns=2)

    @property
    def row(self) -> Contact:
        with transaction.atomic():
            return Contact.objects.get()

    @property
    def stages(self) -> list[str]:
        with transaction.atomic():
            return [one.stage for one in stages.of(Contact.objects.get())]

    @property
    def done(self) -> list[str]:
        """What the exchange was told since one looked last, without numbers."""
        done, self.line.ari.done = self.line.ari.done, []
        return [re.sub(r"/wr\.\d+\.\d+$", "", one).replace(f"/channels/{ANSWERED}", "") for one in done]

    def passes(self, seconds: float, *events: dict) -> None:
        self.now += timedelta(seconds=seconds)
        told(self.line, *events, turns=2)

    def key(self, digit: str) -> dict:
        stamp = self.now.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"
        return {"type": "ChannelDtmfReceived", "digit": digit, "duration_ms": 90, "timestamp": stamp, "channel": self.channel}

    def press(self, digit: str) -> None:
        self.now += timedelta(seconds=1)
        told(self.line, self.key(digit), turns=2)

    def hangs_up(self) -> None:
        gone = next(event for event in of_call(ANSWERED) if event["type"] == "ChannelDestroyed")
        stamp = self.now.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"
        told(self.line, {**gone, "timestamp": stamp, "channel": {**self.channel, "state": "Up"}}, turns=2)

    def is_up(self) -> None:
        told(self.line, {"type": "ChannelStateChange", "timestamp": "", "channel": {**self.channel, "state": "Up"}}, turns=2)


def test_the_attendant_is_heard_a_key_ends_it_and_a_person_ends_all_of_it(line: Line, bryn, monkeypatch) -> None:
    call = Attended(line, monkeypatch)
    assert call.done == ["POST /answer", "POST /play"]
    assert call.row.menu_until is not None
    call.is_up()
    call.press("2")
    assert call.done == ["DELETE /playbacks", "POST /play"]
    call.passes(6)
    assert call.row.menu_until is None
    assert call.done == ["DELETE /playbacks", "POST /moh"]
    assert call.stages == ["transferred", "arrived", "menu", "announced", "queued"]
    with transaction.atomic():
        assert [one.text for one in call.row.lines.all()] == ["Chose by key: About something already reported."]
        contacts.answer(contact=call.row.pk, member=bryn, by=bryn.code, at=clock.now())
    told(line, turns=2)
    assert "DELETE /moh" in call.done
    call.passes(300)
    assert not any("/play" in one for one in call.done), "no machine speaks to whom a person speaks"


def test_one_press_is_one_however_often_a_real_exchange_tells_of_it(line: Line, monkeypatch) -> None:
    call = Attended(line, monkeypatch)
    call.is_up()
    told_of = [event for event in ON_101 if event["type"] == "ChannelDtmfReceived" and event["digit"] == "2"]
    assert len(told_of) == 11
    first = rules.moment(told_of[0]["timestamp"])
    call.now += timedelta(seconds=1)
    began = call.now
    for event in told_of:  # an unknown key: asked again once; taken for two, they would be put through
        call.now = began + (rules.moment(event["timestamp"]) - first)
        told(line, call.key("5"))
    assert call.done == ["POST /answer", "POST /play", "DELETE /playbacks", "POST /play"]
    assert call.row.menu_until is not None
    call.now = began + timedelta(seconds=2)
    told(line, call.key("5"), turns=2)
    assert call.row.menu_until is None


def test_a_saying_that_the_exchange_does_not_have_puts_the_caller_through(line: Line, monkeypatch) -> None:
    call = Attended(line, monkeypatch)
    call.is_up()
    failed = next(event for event in ON_101 if event["type"] == "PlaybackFinished")
    assert failed["playback"]["state"] == "failed"
    told(line, {**failed, "playback": {**failed["playback"], "id": f"wr.{call.row.pk}.1"}}, turns=2)  # of another saying
    assert call.row.menu_until is not None
    now = line.here[call.row.pk].playback
    told(line, {**failed, "playback": {**failed["playback"], "id": now, "state": "done"}}, turns=2)
    assert call.row.menu_until is not None
    told(line, {**failed, "playback": {**failed["playback"], "id": now}}, turns=2)
    assert call.stages[-1] == "queued"


def test_who_asks_for_the_end_does_not_say_who_hung_up(line: Line, bryn) -> None:
    """Between the request and the end a turn may pass: then it was a caller who hung up, and not a line that was cut."""
    asks = next(event for event in RECORDED if event["type"] == "ChannelHangupRequest")
    told(line, of_call(ANSWERED)[0])
    with transaction.atomic():
        (call,) = Contact.objects.all()
        contacts.answer(contact=call.pk, member=bryn, by=bryn.code, at=clock.now() + timedelta(days=400))
    told(line, {**asks, "channel": of_call(ANSWERED)[0]["channel"]}, turns=2)
    told(line, *of_call(ANSWERED), turns=2)
    with transaction.atomic():
        assert Fact.objects.get(kind="ContactEnded").body["how"] == "caller"


def test_any_other_key_declines_a_callback_and_nobody_is_asked_twice(line: Line, monkeypatch) -> None:
    call = Attended(line, monkeypatch)
    call.is_up()
    call.press("0")
    assert call.stages[-1] == "queued"
    call.passes(121)
    call.press("5")
    call.press("1")
    for _ in range(4):
        call.passes(60)
        call.press("1")
    assert call.row.state == "waiting"
    assert "callback" not in call.stages


def test_agreed_they_are_hung_up_after_the_words_and_rung_by_the_desk(line: Line, bryn, monkeypatch) -> None:
    call = Attended(line, monkeypatch)
    call.is_up()
    call.press("0")
    call.passes(121)  # the offer comes before an announcement
    assert line.attended[call.row.pk].place == attendant.OFFERED
    call.done  # noqa: B018  # what was before
    call.press("1")
    assert call.stages[-1] == "callback"
    told(line, call.key("1"), turns=2)  # the same event again
    assert call.done == ["DELETE /playbacks", "POST /play"]
    call.passes(20)
    assert call.done[-1].startswith("DELETE")
    call.hangs_up()
    assert call.row.state == "waiting"
    with transaction.atomic():
        ringing.ring(contact=call.row.pk, by=bryn.code, at=clock.now(), may_open_codes=False)
    told(line, turns=3)
    parts = [rules.part(one.rpartition("/")[2]) for one in line.ari.done]
    assert [one.role for one in parts if one] == ["handler", "caller"]
    with transaction.atomic():
        ringing.rang(contact=call.row.pk, outcome="spoke", member=bryn, by=bryn.code, at=clock.now())
    told(line, turns=2)
    assert call.row.state == "answered", "that their first line is down says nothing"


@pytest.mark.parametrize(("trunk", "number"), [("999", "07700900417"), ("101", "anonymous")])
def test_999_and_a_withheld_number_ring_as_before_and_hear_no_machine(line: Line, monkeypatch, trunk, number) -> None:
    call = Attended(line, monkeypatch, trunk=trunk, number=number)
    assert call.done == ["POST /ring"]
    call.press("1")
    call.passes(400)
    assert call.done == []
    assert call.row.menu_until is None
    assert call.stages == ["transferred", "arrived"]


def test_begun_anew_in_the_middle_of_a_menu_the_caller_is_put_through(line: Line, monkeypatch) -> None:
    call = Attended(line, monkeypatch)
    call.is_up()
    anew = Line("northmoor", line.exchange)
    anew.ari = Noted()
    anew.ari.there = [{**call.channel, "state": "Up"}]
    told(anew, {"type": CONNECTED}, turns=2)
    anew._database.shutdown()
    assert call.row.menu_until is None
    assert call.stages[-1] == "queued"


def test_who_hangs_up_in_the_menu_gave_up(line: Line, monkeypatch) -> None:
    call = Attended(line, monkeypatch)
    call.hangs_up()
    assert call.row.state == "abandoned"


def test_a_number_that_is_not_safe_is_offered_no_callback(line: Line, monkeypatch) -> None:
    call = Attended(line, monkeypatch)
    call.is_up()
    with transaction.atomic():
        contacts.say_safe_contact(contact=call.row.pk, safe="no", by="staff:1", at=clock.now())
    call.press("0")
    for _ in range(4):
        call.passes(60)
    call.press("1")
    assert "callback" not in call.stages


# --- what needs no room: the line by itself ---------------------------------------------------------------------------


@pytest.fixture
def bare() -> Line:
    made = Line("northmoor", Exchange(url="http://127.0.0.1:1", user="nobody", partners={}))
    yield made
    made._database.shutdown()


def a_channel(name: str, second: int, **more) -> rules.Channel:
    return rules.Channel(rules.Key(name, f"2026-11-22T03:12:{second:02}.000+0000"), **more)


def test_of_those_who_ring_at_once_999_becomes_a_contact_first(bare: Line) -> None:
    for one in (a_channel("a", 1, trunk="101"), a_channel("b", 3, trunk="999 text_relay"), a_channel("c", 2, trunk="999")):
        bare.book[one.key] = one
    assert [one.key.id for one in bare._new()] == ["c", "b", "a"]


def test_a_call_that_is_no_contact_yet_is_never_forgotten(bare: Line) -> None:
    long_ago = clock.now() - timedelta(hours=3)
    kept, told_of = (a_channel(name, 1, trunk="101", gone_at=long_ago) for name in "ab")
    bare.book = {kept.key: kept, told_of.key: told_of}
    bare.contacts[told_of.key] = 7
    bare._forget()
    assert set(bare.book) == {kept.key}


def test_a_key_that_comes_twice_or_late_answers_no_other_question(bare: Line) -> None:
    channel = {"id": "a", "creationtime": "2026-11-22T03:12:01.000+0000"}
    for second, digit in ((9, "1"), (9, "1"), (5, "2"), (11, "3")):
        at = f"2026-11-22T03:12:{second:02}.000+0000"
        bare._press({"type": "ChannelDtmfReceived", "digit": digit, "timestamp": at, "channel": channel})
    assert list(bare.keys.values()) == [["1", "3"]]
