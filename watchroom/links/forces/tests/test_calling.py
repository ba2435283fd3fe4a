"""The call to another installation, against a real server on this machine that answers well, badly, late or not at all."""

import asyncio
import gzip
import json
import time
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync

from tests import world
from watchroom import testing
from watchroom.duties import queries as owed
from watchroom.foundation import clock, scope
from watchroom.links.forces import actions, calling, tasks
from watchroom.links.forces.calling import MOST_BYTES, call
from watchroom.links.records.connections import Connection
from watchroom.links.records.tests.other_side import TOKEN, listening
from watchroom.referrals.forces import sending
from watchroom.referrals.forces.document import Answer
from watchroom.referrals.models import ToForce

KEY = "0123456789abcdef" * 2
BODY = {"key": KEY, "is_recalled": True, "document": None}
WAITING = {"state": "waiting", "reference": "212"}
ACCEPTED = {"state": "accepted", "reference": "212", "name": "Ola", "at": "2026-11-22T03:12:00Z"}
GOOD = json.dumps(ACCEPTED).encode()


def say(url: str):
    return asyncio.run(call(Connection(url, TOKEN), KEY, json.dumps(BODY)))


def test_the_whole_is_said_under_its_key_with_the_token_and_the_answer_comes():
    with listening(body=GOOD) as side:
        heard = say(side.url + "/")
    assert heard == Answer.model_validate(ACCEPTED)
    assert side.paths == [f"PUT /ask/{KEY}"]
    ((headers, sent),) = side.asked
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert headers["Accept-Encoding"] == "identity"
    assert sent == BODY


@pytest.mark.parametrize(
    ("how", "problem"),
    [
        ({"status": 401}, "refused"),
        ({"status": 404}, "refused"),
        ({"status": 422, "body": b'{"problem": "no"}'}, "refused"),
        ({"status": 429}, "unreachable"),
        ({"status": 503}, "unreachable"),
        ({"status": 501}, "nonsense"),
        ({"status": 201}, "nonsense"),
        ({"body": b"<html>Log in</html>", "kind": "text/html"}, "nonsense"),
        ({"body": b""}, "nonsense"),
        ({"body": b"null"}, "nonsense"),
        ({"body": b'{"state": "accepted"}'}, "nonsense"),
        ({"body": json.dumps({**ACCEPTED, "name": "  "}).encode()}, "nonsense"),
        ({"body": json.dumps({**ACCEPTED, "at": None}).encode()}, "nonsense"),
        ({"body": json.dumps({**ACCEPTED, "state": "declined"}).encode()}, "nonsense"),
        ({"body": json.dumps({**ACCEPTED, "state": "kept"}).encode()}, "nonsense"),
        ({"body": json.dumps({**ACCEPTED, "name": "O\0la"}).encode()}, "nonsense"),
        ({"body": json.dumps({**ACCEPTED, "person": 7}).encode()}, "nonsense"),
        ({"body": b"\xff" + GOOD}, "nonsense"),
        ({"body": b" " * (MOST_BYTES + 1) + GOOD}, "nonsense"),
        ({"body": b"[" * 60_000}, "nonsense"),
        ({"body": gzip.compress(GOOD), "headers": {"Content-Encoding": "gzip"}}, "nonsense"),
        ({"body": GOOD, "headers": {"Content-Encoding": "br"}}, "nonsense"),
    ],
)  # fmt: skip
def test_what_the_other_side_does_is_an_outcome_no_error_and_never_a_yes(how, problem):
    with listening(**{"body": GOOD} | how) as side:
        assert say(side.url) == problem
    assert len(side.asked) == 1


def test_a_redirect_takes_neither_the_token_nor_the_caller_elsewhere():
    with listening(body=GOOD) as elsewhere:
        for status in (301, 302, 303, 307, 308):
            with listening(status=status, body=GOOD, headers={"Location": elsewhere.url}) as side:
                assert say(side.url) == "nonsense"
            assert len(side.asked) == 1
    assert elsewhere.asked == []


@pytest.mark.parametrize("how", [{"waits": 30.0}, {"drips": True, "body": GOOD}], ids=["silent", "a byte at a time"])
def test_the_time_runs_over_the_whole_of_it(how, monkeypatch):
    monkeypatch.setattr(calling, "TIMEOUT_S", 1.0)
    began = time.monotonic()
    with listening(**how) as side:
        assert say(side.url) == "unreachable"
        assert time.monotonic() - began < 6
    assert len(side.asked) < 2


@pytest.mark.parametrize("url", ["http://127.0.0.1:{}/", "http://no-such-host.invalid/"])
def test_nobody_there_is_said_so(url, monkeypatch):
    monkeypatch.setattr(calling, "TIMEOUT_S", 3.0)
    assert say(url.format(testing.free_port())) == "unreachable"


# --- the job, to a server that is not ours ------------------------------------------------------------------------------


@pytest.fixture
def sent(db, monkeypatch):
    """handed over by Northmoor to Southmere, as if it worked in another installation; and how to carry it to a server there."""
    monkeypatch.setattr(actions, "is_here", lambda to: False)
    monkeypatch.setenv("WATCHROOM_FORCES_NORTHMOOR_SOUTHMERE_TOKEN", TOKEN)
    monkeypatch.setenv("WATCHROOM_FORCES_NORTHMOOR_SOUTHMERE_URL", "http://127.0.0.1:9/")
    with scope.use("northmoor"):
        row = world.an_answered_call(number="07700 900417", at=clock.now() - timedelta(seconds=30))
        said = {"because": "She stands at Southmere pier.", "risk": "He says that he will push her in."}
        return sending.hand_over(contact=row.pk, to="southmere", by=row.owner.code, at=clock.now(), **said)


def carry(sent: ToForce, monkeypatch, **how) -> tuple[ToForce, bool, list]:
    """How it stands here afterwards, whether it is still owed, and what was said there."""
    with listening(**how) as side:
        monkeypatch.setenv("WATCHROOM_FORCES_NORTHMOOR_SOUTHMERE_URL", side.url)
        async_to_sync(tasks.carry.func)("northmoor", sent.pk)
    with scope.use("northmoor"):
        return ToForce.objects.get(pk=sent.pk), owed.is_owed("accepted", ("contact", sent.contact_id)), side.asked


def test_whatever_that_server_does_it_is_ours_until_it_says_who_accepted(sent, monkeypatch):
    for how, problem in (
        ({"status": 503}, "unreachable"),
        ({"status": 403}, "refused"),
        ({"body": b'{"state": "accepted"}'}, "nonsense"),
        ({"status": 307, "headers": {"Location": "http://127.0.0.1:9/"}}, "nonsense"),
    ):
        row, is_owed, said = carry(sent, monkeypatch, **how)
        assert (row.state, row.problem, is_owed) == ("sent", problem, True)
        assert said[0][1]["document"]["risk"] == "He says that he will push her in."
    row, is_owed, _ = carry(sent, monkeypatch, body=json.dumps(WAITING).encode())
    assert (row.state, row.problem, row.theirs, is_owed) == ("delivered", "", "212", True)
    row, is_owed, said = carry(sent, monkeypatch, body=GOOD)
    assert (row.state, row.answered_by, is_owed) == ("accepted", "Ola", False)
    assert [one["key"] for _, one in said] == [sent.key]
    assert carry(sent, monkeypatch, body=GOOD)[2] == [], "what has ended is not said again"


def test_one_that_breaks_or_gets_no_answer_keeps_no_other_waiting(sent, monkeypatch):
    """Whatever goes wrong with one, and however long that takes, the next is carried."""
    with scope.use("northmoor"):
        others = []
        for number in ("07700 900418", "07700 900419"):
            row = world.an_answered_call(number=number, at=clock.now() - timedelta(seconds=30))
            said = {"because": "She stands at Southmere pier.", "risk": "He says that he will push her in."}
            others.append(sending.hand_over(contact=row.pk, to="southmere", by=row.owner.code, at=clock.now(), **said))
    slow, good = others
    asked = []

    async def answers(connection, key, body):
        asked.append(key)
        if key == sent.key:
            raise RuntimeError("of no kind that anybody foresaw")
        if key == slow.key:
            while good.key not in asked:
                await asyncio.sleep(0.01)
        return Answer.model_validate(ACCEPTED)

    monkeypatch.setattr(tasks, "call", answers)

    async def sweep():
        async with asyncio.timeout(20):
            await tasks.carry_all.func(0)

    async_to_sync(sweep)()
    with scope.use("northmoor"):
        assert [row.state for row in ToForce.objects.order_by("pk")] == ["sent", "accepted", "accepted"]
