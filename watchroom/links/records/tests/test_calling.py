"""The call itself, against a real server on this machine that answers well, badly, late or not at all."""

import asyncio
import json
import time

import pytest

from watchroom import testing
from watchroom.foundation import scope
from watchroom.links.records import connections, protocol
from watchroom.links.records.calling import Order, call
from watchroom.links.records.connections import Connection
from watchroom.links.records.tests.other_side import DEREK, LEANNE, TOKEN, listening, records

QUESTION = {"protocol": protocol.VERSION, "request": "key-1", "subject": {"name": "Leanne Whitcombe"}, "most": 10}


def ask(url: str, *, timeout: float = 5.0, tries: int = 2, most: int = 10):
    return asyncio.run(call(Order(Connection(url, TOKEN), "key-1", QUESTION, timeout, tries, most)))


def test_the_question_goes_with_token_and_key_and_the_answer_comes():
    with listening() as side:
        outcome = ask(side.url)
    assert [one.external for one in outcome.records] == [LEANNE["reference"], DEREK["reference"]]
    assert outcome.problem is None
    ((headers, sent),) = side.asked
    assert (headers["Authorization"], headers["Idempotency-Key"]) == (f"Bearer {TOKEN}", "key-1")
    assert headers["Accept-Encoding"] == "identity"
    assert sent == QUESTION


def test_a_system_that_is_busy_at_first_is_asked_again_with_the_same_key_and_not_for_ever():
    with listening(fails_first=1) as side:
        assert len(ask(side.url).records) == 2
    assert [headers["Idempotency-Key"] for headers, _ in side.asked] == ["key-1", "key-1"]
    with listening(fails_first=99) as side:
        assert ask(side.url).problem == "busy"
    assert len(side.asked) == 2


@pytest.mark.parametrize(
    ("how", "problem"),
    [
        ({"status": 401}, "refused"),
        ({"status": 404}, "refused"),
        ({"status": 302, "headers": {"Location": "http://127.0.0.1:9/elsewhere"}}, "nonsense"),
        ({"kind": "text/html", "body": b"<html>Log in</html>"}, "nonsense"),
        ({"body": b"<html>Log in</html>"}, "nonsense"),
        ({"body": records({**LEANNE, "given_name": "Lea\0nne"})}, "nonsense"),
        ({"body": b" " * (protocol.MOST_BYTES + 1) + records(LEANNE)}, "nonsense"),
        ({"headers": {"Content-Encoding": "gzip"}}, "nonsense"),
        ({"body": b"[" * 200_000}, "nonsense"),
    ],
    ids=["refused", "not there", "elsewhere", "HTML", "HTML as JSON", "NUL", "huge", "packed", "deep"],
)
def test_what_the_other_side_does_is_an_outcome_and_no_error(how, problem):
    with listening(**how) as side:
        outcome = ask(side.url)
    assert (outcome.problem, outcome.records) == (problem, ())
    assert len(side.asked) == 1


@pytest.mark.parametrize("how", [{"waits": 30.0}, {"drips": True}], ids=["silent", "a byte at a time"])
def test_the_time_runs_over_the_whole_of_a_try_and_is_not_given_twice(how):
    began = time.monotonic()
    with listening(**how) as side:
        assert ask(side.url, timeout=1.0).problem == "timeout"
        assert time.monotonic() - began < 8
    assert len(side.asked) < 2  # not once more; on a busy machine it has not even read the question


def test_nobody_there_is_said_so():
    assert ask(f"http://127.0.0.1:{testing.free_port()}/", timeout=2.0).problem == "unreachable"
    assert ask("http://no-such-host.invalid/", timeout=5.0, tries=1).problem in ("unreachable", "timeout")


def test_each_force_has_connections_of_its_own(settings, tmp_path, monkeypatch):
    settings.WATCHROOM_DATA = tmp_path
    with scope.use("northmoor"):
        assert connections.why_not("housing") == "Not connected here."
    kept = {
        "northmoor": {"housing": {"url": "https://housing.example/ask", "token": TOKEN}, "records": {"url": "https://r.example"}}
    }
    (tmp_path / "records.json").write_text(json.dumps(kept))
    with scope.use("northmoor"):
        assert connections.why_not("housing") == ""
        assert connections.of("housing") == Connection("https://housing.example/ask", TOKEN)
        assert connections.why_not("records") == "Not connected here: its token is missing."
        assert TOKEN not in repr(connections.of("housing"))
    with scope.use("southmere"):
        assert connections.of("housing") is None
        monkeypatch.setenv("WATCHROOM_RECORDS_SOUTHMERE_HOUSING_URL", "http://housing.example/ask")
        monkeypatch.setenv("WATCHROOM_RECORDS_SOUTHMERE_HOUSING_TOKEN", TOKEN)
        assert connections.why_not("housing") == "Not connected here: its address does not begin with https."
        monkeypatch.setenv("WATCHROOM_RECORDS_SOUTHMERE_HOUSING_URL", "http://127.0.0.1:8080/ask")
        assert connections.why_not("housing") == ""


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '"x"',
        '{"northmoor": []}',
        '{"northmoor": {"housing": 7}}',
        '{"northmoor": {"housing": {"url": 7, "token": []}}}',
    ],
)
def test_a_file_that_cannot_be_read_connects_nothing(text, settings, tmp_path):
    settings.WATCHROOM_DATA = tmp_path
    (tmp_path / "records.json").write_text(text)
    with scope.use("northmoor"):
        assert connections.of("housing") is None
