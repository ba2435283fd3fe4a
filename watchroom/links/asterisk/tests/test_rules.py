"""Events twice, late, in any order or not at all: the same final state. Held over invented calls and over recorded real ones."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchroom.links.asterisk import rules
from watchroom.links.asterisk.rules import Channel, Command, Here, Key, Leg, Part, Wanted

pytestmark = pytest.mark.hypothesis
TRUNKS = {"999": "999", "101": "101"}
BEGAN = datetime(2026, 11, 22, 3, 12, tzinfo=UTC)


def stamp(seconds: float) -> str:
    return (BEGAN + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"


def an_event(kind: str, call: str, made: float, at: float, *, state: str = "Ring", number: str = "07700900417", **more) -> dict:
    channel = {
        "id": call,
        "state": state,
        "creationtime": stamp(made),
        "caller": {"name": "", "number": number},
        "dialplan": {"context": "trunk", "exten": "999"},
    }
    return {"type": kind, "timestamp": stamp(at), "channel": channel, **more}


def a_call(call: str, made: float, *, goes: float | None, answered: bool, cause: int = 16) -> list[dict]:
    events = [an_event("ChannelCreated", call, made, made), an_event("StasisStart", call, made, made + 0.1, args=["999"])]
    if answered:
        events.append(an_event("ChannelStateChange", call, made, made + 2, state="Up"))
    if goes is not None:
        state = "Up" if answered else "Ring"
        events.append(an_event("ChannelHangupRequest", call, made, made + goes, state=state, cause=32))
        events.append(an_event("ChannelDestroyed", call, made, made + goes + 0.01, state=state, cause=cause))
    return events


calls = st.lists(
    st.tuples(st.sampled_from(["1.0", "1.1", "1.2"]), st.integers(0, 3), st.sampled_from([None, 0.0, 4.0]), st.booleans()),
    min_size=1,
    max_size=6,
    unique_by=lambda one: (one[0], one[1]),
)


def book_of(events: list[dict]) -> rules.Book:
    book: rules.Book = {}
    for event in events:
        rules.learn(book, event, TRUNKS)
    return book


@given(calls, st.randoms(use_true_random=False), st.data())
def test_every_order_with_repeats_gives_the_same_book(made: list, rng: random.Random, data: st.DataObject) -> None:
    """An id that is used again, at another time, is another call."""
    events = [event for call, again, goes, answered in made for event in a_call(call, again * 60.0, goes=goes, answered=answered)]
    repeated = events + data.draw(st.lists(st.sampled_from(events), max_size=len(events)))
    rng.shuffle(repeated)
    assert book_of(repeated) == book_of(events)
    assert len(book_of(events)) == len(made)


@given(calls, st.randoms(use_true_random=False), st.data())
def test_after_lost_events_a_list_of_what_is_there_gives_the_same_states(
    made: list, rng: random.Random, data: st.DataObject
) -> None:
    """Whatever was lost, who is there and who is gone is known again; only when they went may be known less well."""
    whole = [a_call(call, again * 60.0, goes=goes, answered=answered) for call, again, goes, answered in made]
    events = [event for call in whole for event in call]
    heard = [event for event in events if data.draw(st.booleans())]
    rng.shuffle(heard)
    book = book_of(heard)
    there = [call[-1]["channel"] for call, (_, _, goes, _) in zip(whole, made, strict=True) if goes is None]
    rules.resync(book, there, list(book), TRUNKS, BEGAN + timedelta(hours=1))
    truth = book_of(events)
    for key, channel in book.items():
        for answered in (True, False):
            assert rules.outcome(channel, answered) == rules.outcome(truth[key], answered)
    assert {key for key, channel in truth.items() if channel.is_here} == {key for key, channel in book.items() if channel.is_here}


def test_whoever_rang_after_we_asked_is_not_taken_for_gone() -> None:
    book = book_of(a_call("1.0", 0, goes=None, answered=False))
    known = list(book)
    rules.learn(book, an_event("StasisStart", "1.1", 1, 1, args=["999"]), TRUNKS)
    rules.resync(book, [], known, TRUNKS, BEGAN)
    assert [channel.is_here for channel in book.values()] == [False, True]


def test_who_hung_up_before_it_rang_is_a_call_that_was_given_up() -> None:
    book = book_of([an_event("ChannelDestroyed", "1.0", 0, 0.2, cause=16)])
    (channel,) = book.values()
    assert (channel.trunk, channel.number, rules.outcome(channel, False)) == ("999", "07700900417", "abandoned")


def test_a_call_id_used_again_has_another_key() -> None:
    first, second = (Key("1.0", stamp(at)) for at in (0, 60))
    assert first.call != second.call
    assert len(Key("system-name-" * 9 + "1.0", stamp(0)).call) <= rules.LONGEST_KEY


@pytest.mark.parametrize(("cause", "how"), [(16, "caller"), (0, "cut_off"), (38, "cut_off"), (44, "cut_off"), (19, "caller")])
def test_a_line_that_fails_was_cut(cause: int, how: str) -> None:
    (channel,) = book_of(a_call("1.0", 0, goes=4, answered=True, cause=cause)).values()
    assert channel.how == how


NAMES = st.sampled_from(["type", "channel", "id", "creationtime", "timestamp", "args", "cause", "caller", "dialplan"])
SIMPLE = st.none() | st.booleans() | st.integers() | st.text(max_size=8)


@given(st.recursive(SIMPLE, lambda one: st.lists(one) | st.dictionaries(NAMES, one)))
def test_what_makes_no_sense_is_left_out(given: object) -> None:
    book: rules.Book = {}
    if isinstance(given, dict):
        assert rules.learn(book, given, TRUNKS) is None or book
    rules.learn(book, {"type": "StasisStart", "channel": given}, TRUNKS)
    rules.resync(book, [given] if isinstance(given, dict) else [], [], TRUNKS, BEGAN)


# --- What is to be done


class Exchange:
    """As much of one as `plan` speaks with: it carries out at once, or refuses; telephones answer, or do not."""

    def __init__(self, answers: set[str]) -> None:
        self.book: rules.Book = {}
        self.here, self.answers, self.count = Here(), answers, 0

    @property
    def legs(self) -> list[Leg]:
        return [Leg(part, one) for key, one in self.book.items() if (part := rules.part(key.id))]

    def rings(self) -> None:
        self.here.caller = Key("1.0", stamp(0))
        self.book[self.here.caller] = Channel(self.here.caller, trunk="999", is_in=True)

    def gone(self, channel: str) -> None:
        for key, one in self.book.items():
            if key.id == channel:
                self.book[key] = one.merged(Channel(key, gone_at=BEGAN))
        self.here.inside.discard(channel)

    def order(self, command: Command) -> None:
        here = self.here
        match command.verb:
            case "call":
                self.count += 1
                part = Part(7, command.role, command.who, self.count)
                here.made.add(part.id)
                key, up = Key(part.id, stamp(self.count)), command.who in self.answers
                self.book[key] = Channel(key, is_in=up, is_up=up, gone_at=None if up else BEGAN)
            case "ring":
                here.rings = True
            case "answer":
                key = next(key for key in self.book if key.id == command.channel)
                self.book[key] = self.book[key].merged(Channel(key, is_up=True))
            case "bridge":
                here.bridge = True
            case "record":
                assert here.bridge
                here.records = True
            case "add":
                assert here.bridge
                here.inside.add(command.channel)
            case "remove":
                here.inside.remove(command.channel)
            case "music" | "silence":
                here.music = command.verb == "music"
            case "hang_up":
                here.hung.add(command.channel)
                self.gone(command.channel)
            case "destroy":
                here.bridge, here.inside, here.records = False, set(), False

    def follow(self, wanted: Wanted) -> None:
        for _ in range(20):
            todo = rules.plan(wanted, self.here, self.book, self.legs)
            if not todo:
                return
            for command in todo:
                self.order(command)
        raise AssertionError(f"it never comes to rest: {todo}")

    @property
    def hear(self) -> list[str]:
        parts = [(rules.part(one), one) for one in self.here.inside]
        return sorted(f"{part.role}.{part.who}" if part else "caller" for part, _ in parts)


states = st.builds(
    Wanted,
    contact=st.just(7),
    state=st.just("answered"),
    owner=st.sampled_from(["bryn", "amal"]),
    held=st.booleans(),
    partner=st.sampled_from(["", "fire", "council"]),
)


@given(st.lists(states, min_size=1, max_size=6))
def test_whatever_was_wanted_before_they_hear_each_other_as_is_wanted_now(wishes: list[Wanted]) -> None:
    exchange = Exchange({"bryn", "amal", "fire", "council"})
    exchange.rings()
    for wanted in wishes:
        exchange.follow(wanted)
        expected = [f"handler.{wanted.owner}"]
        expected += [] if wanted.held else ["caller"]
        expected += [f"partner.{wanted.partner}"] if wanted.partner else []
        assert exchange.hear == sorted(expected)
        assert exchange.here.music is wanted.held
    exchange.follow(Wanted(7, "ended", "bryn"))
    assert not any(one.is_here for one in exchange.book.values())
    assert not exchange.here.bridge


def test_who_speaks_with_the_caller_stays_while_the_next_telephone_is_not_answered() -> None:
    exchange = Exchange({"bryn"})
    exchange.rings()
    exchange.follow(Wanted(7, "answered", "bryn"))
    exchange.follow(Wanted(7, "answered", "amal"))
    assert exchange.hear == ["caller", "handler.bryn"]
    assert rules.tries(exchange.here, "handler", "amal") == rules.TRIES


def test_the_receiver_put_down_ends_it_unless_it_was_passed_on() -> None:
    exchange = Exchange({"bryn", "amal"})
    exchange.rings()
    wanted = Wanted(7, "answered", "bryn")
    exchange.follow(wanted)
    (leg,) = (one for one in exchange.here.inside if one.startswith("wr."))
    assert not rules.has_hung_up(wanted, exchange.here, exchange.legs)
    exchange.follow(Wanted(7, "answered", "amal"))
    exchange.follow(wanted)  # and back: the first leg was put down by us, and says nothing
    assert not rules.has_hung_up(wanted, exchange.here, exchange.legs)
    (leg,) = (one for one in exchange.here.inside if one.startswith("wr."))
    exchange.gone(leg)
    assert rules.has_hung_up(wanted, exchange.here, exchange.legs)


def test_a_ring_back_rings_the_desk_first_and_the_caller_once_it_is_answered_and_only_once() -> None:
    wanted = Wanted(7, "abandoned", "bryn", ring_back="+447700900417")
    nobody = Exchange(set())
    nobody.follow(wanted)
    assert {leg.part.role for leg in nobody.legs} == {"handler"}
    unreached = Exchange({"bryn"})
    unreached.follow(wanted)
    assert [leg.part.role for leg in unreached.legs] == ["handler", "caller"]
    both = Exchange({"bryn", "back"})
    both.follow(wanted)
    assert both.hear == ["caller.back", "handler.bryn"]
    both.follow(Wanted(7, "answered", "bryn"))  # that they spoke, a person says
    assert both.hear == ["caller.back", "handler.bryn"]
    both.follow(Wanted(7, "abandoned"))
    assert both.hear == []


@given(st.text(max_size=30))
def test_no_id_of_another_is_taken_for_ours(name: str) -> None:
    found = rules.part(name)
    assert found is None or found.id.split(".")[:2] == name.split(".")[:2]


def test_our_ids_can_be_read_back() -> None:
    part = Part(17, "handler", "bryn", 3)
    assert rules.part(part.id) == part
    assert rules.contact_of(rules.bridge(17)) == rules.contact_of("wr.17.3") == 17
    assert rules.contact_of("wr.17.handler.bryn.3") is None
