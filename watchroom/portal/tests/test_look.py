"""Whoever has the code sees how far the report is, and nothing else; whoever guesses learns nothing."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from watchroom.contacts import actions as contacts
from watchroom.contacts.models import Contact
from watchroom.foundation import clock, scope
from watchroom.portal.models import Receipt
from watchroom.portal.tests.test_report import answer_all, code_on, send, words


@pytest.fixture
def browser(northmoor: str) -> Client:
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def code(browser: Client) -> str:
    answer_all(browser, safe={"safe": "some", "ways": ["call"], "phone": "07700 900123"}, text="Zyxwvut broke my window.")
    send(browser, "/report/step/6/")
    return code_on(browser.get("/report/sent/"))


def looked(code: str, path: str = "/report/look/") -> str:
    response = send(Client(enforce_csrf_checks=True), path, code=code)
    assert response.status_code == 200
    main = re.search(r'<div role="status".*?</div>\s*<form', response.content.decode(), re.DOTALL)
    assert main
    assert "Zyxwvut" not in response.content.decode()
    assert "900123" not in response.content.decode()
    return main[0]


def test_the_code_shows_how_far_it_is_in_any_notation(code: str) -> None:
    for typed in (code, code.lower(), code.replace("-", ""), f"  {code.replace('-', ' ')} "):
        assert "It has been received" in looked(typed)


@pytest.mark.parametrize(
    ("state", "says"), [("waiting", "received"), ("answered", "being read"), ("ended", "being read"), ("wrapped", "closed")]
)
def test_it_says_one_of_four_words(code: str, state: str, says: str) -> None:
    Contact.objects.update(state=state)
    heading = re.search(r"<h1>(.*?)</h1>", looked(code))
    assert heading
    assert says in heading[1]


def test_every_code_that_is_none_of_ours_gets_the_same_words_and_the_same_work(code: str) -> None:
    with scope.use("southmere"):
        contact, _ = contacts.receive(key="x", channel="online", transferred_at=clock.now(), by="public", at=clock.now())
        Receipt.objects.create(code="SP22222222", contact=contact, at=clock.now())
    answers, work = set(), set()
    for typed in (
        code,
        code[:-1] + ("2" if code[-1] != "2" else "3"),
        "NP-2222-2222",
        "SP-2222-2222",
        "x",
        "NP-OOOO-IIII",
        "ß" * 60,
    ):
        with CaptureQueriesContext(connection) as queries:
            answers.add(looked(typed))
        work.add(len(queries))
    assert len(answers) == 2
    assert len(work) == 1


def test_another_forces_page_does_not_know_the_code(code: str) -> None:
    assert "No report has this code" in looked(code, "/report/southmere/look/")
    assert "It has been received" in looked(code, "/report/northmoor/look/")


def test_the_code_is_in_no_address(code: str) -> None:
    response = Client().get(f"/report/look/?code={code}")
    assert "received" not in words(response)


def test_who_guesses_is_stopped_after_many_tries_and_told_whom_to_ring(code: str) -> None:
    guesser = Client(enforce_csrf_checks=True, REMOTE_ADDR="192.0.2.7")
    statuses = [send(guesser, "/report/look/", code="NP-2222-2222").status_code for _ in range(31)]
    assert statuses == [200] * 30 + [429]
    assert "It has been received" in looked(code)  # from another address


def test_codes_are_not_guessable_from_each_other(browser: Client) -> None:
    for _ in range(3):
        answer_all(browser)
        send(browser, "/report/step/6/")
    first, *others = Receipt.objects.values_list("code", flat=True)
    assert all(sum(a == b for a, b in zip(first[2:], other[2:], strict=True)) < 6 for other in others)
