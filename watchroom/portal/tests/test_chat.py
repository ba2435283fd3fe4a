"""Somebody writes with the control room, without scripts, and leaves no trace when they go."""

import re
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import world
from watchroom.contacts import actions as contacts
from watchroom.contacts.chat import actions as chats
from watchroom.contacts.chat import queries as chat_queries
from watchroom.contacts.models import Contact, Line
from watchroom.duties import queries as owed
from watchroom.force.policy import Chat
from watchroom.foundation import clock, scope
from watchroom.portal.models import Receipt, Talk, Visit
from watchroom.portal.pages import COOKIE, TALK
from watchroom.portal.tasks import sweep
from watchroom.portal.tests.test_report import KNIFE, code_on, send, words

PATHS = [
    "/report/chat/",
    "/public/chat/",
    "/report/chat/reach/",
    "/report/chat/words/",
    "/report/chat/talk/",
    "/report/chat/lines/",
]
JSON = {"Accept": "application/json"}


@pytest.fixture
def browser(northmoor: str) -> Client:
    return Client(enforce_csrf_checks=True)


def begin(client: Client, text: str = "He reads my messages", **reach: Any) -> Contact:
    assert send(client, "/report/chat/", now="yes")["Location"] == "/report/chat/reach/"
    assert send(client, "/report/chat/reach/", **(reach or {"safe": "no"}))["Location"] == "/report/chat/words/"
    assert send(client, "/report/chat/words/", text=text)["Location"] == "/report/chat/talk/"
    return Contact.objects.get(channel="chat")


def answer(row: Contact) -> Contact:
    member = world.a_member()
    return contacts.answer(contact=row.pk, member=member, by=member.code, at=clock.now())


def token_of(client: Client) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get("/report/chat/talk/").content.decode())
    assert found
    return found[1]


def say(client: Client, text: str, key: str = "k", **headers: str) -> Any:
    said = {"csrfmiddlewaretoken": token_of(client), "text": text, "key": key}
    return client.post("/report/chat/talk/", said, headers=headers)


def test_a_conversation_from_the_first_question_to_the_end(browser: Client) -> None:
    row = begin(browser, safe="some", ways=["call"], phone="07700 900123", times="mornings")
    assert (row.state, row.safe_contact, row.safe_ways, row.caller_number) == ("waiting", "some", ["call"], "+447700900123")
    page = browser.get("/report/chat/talk/")
    assert "You are waiting." in words(page)
    assert code_on_page(page) == Receipt.objects.get().code
    row = answer(row)
    assert "Somebody in the control room is with you." in words(browser.get("/report/chat/talk/"))
    chats.say(contact=row.pk, text="I am with you.", by=row.owner.code, at=clock.now())
    contacts.write(contact=row.pk, text="Known to us.", by=row.owner.code, at=clock.now(), written_at=clock.now())
    frame = words(browser.get("/report/chat/lines/"))
    assert "I am with you." in frame
    assert "Known to us." not in frame
    assert say(browser, "Thank you")["Location"] == "/report/chat/talk/#message"
    assert send(browser, "/report/chat/talk/", text="x")  # the page is a form
    browser.post("/report/chat/end/", {"csrfmiddlewaretoken": token_of(browser)})
    row.refresh_from_db()
    assert row.state == "ended"
    page = words(browser.get("/report/chat/talk/"))
    assert "This conversation has ended." in page
    assert "Thank you" in page


def code_on_page(response: Any) -> str:
    found = re.search(r'id="code">([A-Z]{2}-[0-9A-Z]{4}-[0-9A-Z]{4})<', response.content.decode())
    assert found
    return found[1].replace("-", "")


def test_first_it_is_asked_whether_it_is_safe(browser: Client) -> None:
    assert browser.get("/report/chat/words/")["Location"] == "/report/chat/"
    assert browser.get("/report/chat/reach/")["Location"] == "/report/chat/"
    page = send(browser, "/report/chat/")
    assert page.status_code == 422
    page = send(browser, "/report/chat/", now="no")
    assert "press 55" in words(page)
    assert not Visit.objects.exists()
    assert send(browser, "/report/chat/", now="yes").status_code == 302
    Visit.objects.all().delete()
    token = re.search(r'value="([^"]+)"', browser.get("/report/chat/").content.decode())
    assert token
    browser.post("/report/chat/words/", {"csrfmiddlewaretoken": token[1], "text": "Straight to the words"})
    assert not Contact.objects.exists()


def test_who_says_nothing_is_not_contacted(browser: Client) -> None:
    assert begin(browser, reach="").safe_contact == "no"


def test_beginning_twice_is_one_conversation_with_one_key(browser: Client) -> None:
    send(browser, "/report/chat/", now="yes")
    send(browser, "/report/chat/reach/", safe="no")
    page = browser.get("/report/chat/words/").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    for _ in range(2):
        answer = browser.post("/report/chat/words/", {"csrfmiddlewaretoken": token[1], "text": "Help"})
        assert answer["Location"] == "/report/chat/talk/"
    assert Contact.objects.count() == Talk.objects.count() == Line.objects.count() == 1
    assert browser.get("/report/chat/talk/").status_code == 200


def test_a_message_whose_answer_got_lost_is_sent_again_and_counts_once(browser: Client) -> None:
    begin(browser)
    for _ in range(3):
        assert say(browser, "Are you there?", key="same", **JSON).json()["have"] == 2
    assert Line.objects.filter(text="Are you there?").count() == 1


def test_with_scripts_the_news_is_only_what_this_page_does_not_have(browser: Client) -> None:
    row = answer(begin(browser))
    chats.say(contact=row.pk, text="I am with you.", by=row.owner.code, at=clock.now())
    news = browser.get("/report/chat/news/?have=1", headers=JSON).json()
    assert news["have"] == 2
    assert "I am with you." in news["html"]
    assert "He reads" not in news["html"]
    assert news["state"] == "answered"
    with CaptureQueriesContext(
        connection,
    ) as found:
        news = browser.get("/report/chat/news/?have=2", headers=JSON).json()
    assert (news["html"], news["have"]) == ("", 2)
    asked = [query["sql"] for query in found if "portal_talk" in query["sql"] or "contacts_" in query["sql"]]
    assert len(asked) == 1, asked
    for odd in ("", "x", "-1", "99999999999999999999", "٣"):
        assert browser.get("/report/chat/news/", {"have": odd}, headers=JSON).status_code == 200


def test_they_see_that_somebody_writes_to_them_and_never_what(browser: Client) -> None:
    row = answer(begin(browser))
    staff = world.signed_in("bryn", "handler")
    assert not browser.get("/report/chat/news/", headers=JSON).json()["is_writing"]
    assert staff.post(f"/desk/{row.pk}/chat/writing/").status_code == 204
    assert browser.get("/report/chat/news/", headers=JSON).json()["is_writing"]
    chats.say(contact=row.pk, text="Here I am.", by=row.owner.code, at=clock.now())
    assert not browser.get("/report/chat/news/", headers=JSON).json()["is_writing"]


def test_what_is_typed_survives_a_reload_and_only_this_browser_opens_it(browser: Client) -> None:
    begin(browser)
    typed = {"csrfmiddlewaretoken": token_of(browser), "text": "Half a sentence about the bicycle"}
    assert browser.post("/report/chat/typed/", typed, headers=JSON).json() == {"kept": True}
    assert b"bicycle" not in bytes(Talk.objects.get().sealed)
    assert "Half a sentence about the bicycle</textarea>" in browser.get("/report/chat/talk/").content.decode()
    say(browser, "Half a sentence about the bicycle, and the other half")
    assert bytes(Talk.objects.get().sealed) == b""
    assert "bicycle</textarea>" not in browser.get("/report/chat/talk/").content.decode()


def test_without_scripts_only_the_frame_loads_itself_anew(browser: Client) -> None:
    begin(browser)
    page, frame = browser.get("/report/chat/talk/"), browser.get("/report/chat/lines/")
    assert not page.has_header("Refresh")
    assert frame["Refresh"] == "5"
    assert frame["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in frame["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert '<noscript><iframe class="chat__frame" src="/report/chat/lines/"' in page.content.decode()


def test_another_browser_and_another_force_see_nothing(browser: Client, southmere: str) -> None:
    with scope.use("northmoor"):
        row = begin(browser)
    stranger = Client()
    assert stranger.get("/report/chat/talk/").status_code == 404
    assert stranger.get("/report/chat/news/").status_code == 404
    stranger.cookies[TALK] = "A" * 43
    assert stranger.get("/report/chat/news/").status_code == 404
    stranger.cookies[TALK] = browser.cookies[TALK].value
    for page in ("talk", "news", "lines"):
        body = stranger.get(f"/report/southmere/chat/{page}/").content.decode()
        assert "He reads" not in body, page
    assert stranger.post("/report/southmere/chat/end/").status_code in (403, 404)
    with scope.use("northmoor"):
        assert Contact.objects.get(pk=row.pk).state == "waiting"


def test_the_exit_works_without_scripts_and_nothing_is_readable_afterwards(browser: Client) -> None:
    row = answer(begin(browser))
    assert 'href="/report/exit/"' in browser.get("/report/chat/talk/").content.decode()
    secret = browser.cookies[TALK].value
    response = browser.get("/report/exit/")
    assert response.cookies[TALK]["max-age"] == response.cookies[COOKIE]["max-age"] == 0
    assert not Talk.objects.exists()
    browser.cookies[TALK] = secret  # somebody kept it
    assert browser.get("/report/chat/talk/").status_code == 404
    assert owed.is_owed("quiet", ("contact", row.pk))
    assert Contact.objects.get(pk=row.pk).state == "answered"
    assert Line.objects.filter(contact=row, text="He reads my messages").exists()


def test_the_exit_before_an_answer_is_giving_up(browser: Client) -> None:
    row = begin(browser)
    browser.get("/report/exit/", headers={"Sec-Purpose": "prefetch"})
    assert Contact.objects.get(pk=row.pk).state == "waiting"
    browser.get("/report/exit/")
    assert Contact.objects.get(pk=row.pk).state == "abandoned"


def test_danger_now_lifts_them_and_says_999(browser: Client) -> None:
    row = begin(browser)
    assert "If it is happening now, ring 999." not in words(browser.get("/report/chat/talk/"))
    say(browser, KNIFE)
    row.refresh_from_db()
    assert row.attention == 2
    assert "If it is happening now, ring 999." in words(browser.get("/report/chat/talk/"))


def test_closed_it_says_what_else_there_is(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watchroom.contacts.chat.rules.is_open", lambda *_: False)
    page = words(browser.get("/report/chat/"))
    assert "Nobody writes here at this hour" in page
    assert "Ring 999" in page
    assert "Ring 101" in page
    assert 'href="/report/step/1/"' in browser.get("/report/chat/").content.decode()
    assert 'id="to-chat"' not in browser.get("/public/").content.decode()


def test_whoever_is_in_a_conversation_goes_on_after_hours(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(browser)
    monkeypatch.setattr("watchroom.contacts.chat.rules.is_open", lambda *_: False)
    assert browser.get("/report/chat/")["Location"] == "/report/chat/talk/"
    assert say(browser, "Still here").status_code == 302
    assert Chat().is_on is False


def test_an_hour_after_the_end_nothing_can_be_read_here(browser: Client) -> None:
    with time_machine.travel("2026-11-23T12:00:00Z", tick=False) as moving:
        begin(browser)
        browser.post("/report/chat/end/", {"csrfmiddlewaretoken": token_of(browser)})
        moving.shift(3599)
        assert browser.get("/report/chat/talk/").status_code == 200
        moving.shift(2)
        assert browser.get("/report/chat/talk/").status_code == 404
        sweep(timestamp=0)
        assert not Talk.objects.exists()


def test_what_is_refused_loses_no_words(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    row = begin(browser)
    page = say(browser, "x" * 20_001)
    assert page.status_code == 422
    assert "x" * 20_001 in page.content.decode()
    assert say(browser, "  ").status_code == 422
    assert say(browser, "bi\0cycle").status_code == 422
    old = browser.post("/report/chat/talk/", {"text": "From an old page", "key": "k"})
    assert old.status_code == 403
    assert "From an old page</textarea>" in old.content.decode()
    contacts.end(contact=row.pk, how="caller", by="public", at=clock.now())
    contacts.wrap_up(contact=row.pk, by="staff:1", at=clock.now())
    late = say_late(browser, "Too late")
    assert late.status_code == 409
    assert "Too late</textarea>" in late.content.decode()


def say_late(client: Client, text: str) -> Any:
    token = client.cookies["csrftoken"].value
    return client.post("/report/chat/talk/", {"csrfmiddlewaretoken": token, "text": text, "key": "late"})


def test_too_many_questions_are_answered_with_wait(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(browser)
    monkeypatch.setattr("watchroom.foundation.rates.allow", lambda *args, **kwargs: False)
    answer = browser.get("/report/chat/news/", headers=JSON)
    assert (answer.status_code, answer["Retry-After"]) == (429, "20")
    assert browser.get("/report/chat/lines/")["Refresh"] == "30"
    page = say_late(browser, "My words")
    assert page.status_code == 429
    assert "My words</textarea>" in page.content.decode()


@pytest.mark.parametrize("path", PATHS)
def test_no_title_and_no_address_tells_and_nothing_is_stored(browser: Client, path: str) -> None:
    if path.endswith(("talk/", "lines/")):
        begin(browser)
    elif path.endswith(("reach/", "words/")):
        send(browser, "/report/chat/", now="yes")
    response = browser.get(path)
    title = re.search(r"<title>(.*?)</title>", response.content.decode(), re.DOTALL)
    assert title
    assert title[1].strip() == "Report – Northmoor Police"
    assert response["Cache-Control"] == "no-store"
    assert not re.search(r'(?:src|href)="https?://', response.content.decode())
    for cookie in browser.cookies.values():
        assert cookie["max-age"] == ""
        assert cookie["expires"] == ""
        assert cookie.key in (COOKIE, TALK, "csrftoken")
    if TALK in browser.cookies:
        assert browser.cookies[TALK]["httponly"]
        assert browser.cookies[TALK]["samesite"] == "Strict"
        assert browser.cookies[TALK].value not in response.content.decode()


@pytest.mark.parametrize(
    "probe", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7919*7907 }}{% now 'Y' %}", "</textarea><b>"]
)
def test_whatever_is_typed_is_only_ever_shown_as_words(browser: Client, probe: str) -> None:
    row = begin(browser, text=probe)
    say(browser, probe)
    chats.say(contact=answer(row).pk, text=probe, by=world.a_member().code, at=clock.now())
    news = browser.get("/report/chat/news/?have=0", headers=JSON).json()["html"]
    staff = world.signed_in("bryn", "handler")
    staff_pages = [staff.get(f"/desk/{row.pk}/{part}").content.decode() for part in ("", "chat/")]
    for page in (
        browser.get("/report/chat/talk/").content.decode(),
        browser.get("/report/chat/lines/").content.decode(),
        news,
        *staff_pages,
    ):
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "</textarea><b>" not in page
        assert "62615533" not in page
    assert len(chat_queries.spoken(row.pk)) == 3


def test_a_report_in_the_same_browser_does_not_end_the_conversation(browser: Client) -> None:
    begin(browser)
    send(browser, "/report/step/2/", text="Someone took my bicycle.")
    send(browser, "/report/step/6/")
    code_on(browser.get("/report/sent/"))
    assert browser.get("/report/chat/talk/").status_code == 200
    assert Contact.objects.count() == 2
