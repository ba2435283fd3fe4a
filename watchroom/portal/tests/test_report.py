"""A person reports something, without scripts, on whatever device is at hand."""

import re
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client

from watchroom.contacts.models import Contact, Line
from watchroom.portal.models import Receipt, Visit
from watchroom.portal.pages import COOKIE
from watchroom.portal.tasks import sweep

KNIFE = "He is outside with a knife"


@pytest.fixture
def browser(northmoor: str) -> Client:
    """A browser without scripts that checks as ours does: cookies and forgery included."""
    return Client(enforce_csrf_checks=True)


def send(client: Client, url: str, **said: Any) -> Any:
    """Fill in the form of this page and press its button, as a browser would."""
    page = client.get(url).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token, f"{url} has no form"
    return client.post(url, {"csrfmiddlewaretoken": token[1], **said})


def answer_all(client: Client, *, safe: dict[str, Any] | None = None, text: str = "Someone took my bicycle.", **you: Any) -> None:
    assert send(client, "/report/step/1/", **({"safe": "no"} if safe is None else safe))["Location"] == "/report/step/2/"
    assert send(client, "/report/step/2/", text=text)["Location"] == "/report/step/3/"
    assert send(client, "/report/step/3/", place="By the fountain")["Location"] == "/report/step/4/"
    assert send(client, "/report/step/4/", when="today", when_text="")["Location"] == "/report/step/5/"
    assert send(client, "/report/step/5/", **you)["Location"] == "/report/step/6/"


def words(response: Any) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", response.content.decode()))


def code_on(response: Any) -> str:
    found = re.search(r'id="code">([A-Z]{2}-[0-9A-Z]{4}-[0-9A-Z]{4})<', response.content.decode())
    assert found
    return found[1]


def test_a_report_stands_in_the_queue_and_its_code_on_the_screen(browser: Client) -> None:
    answer_all(browser, safe={"safe": "any"}, name="Ada Example", phone="07700 900417", email="")
    assert send(browser, "/report/step/6/")["Location"] == "/report/sent/"
    code = code_on(browser.get("/report/sent/"))
    contact = Contact.objects.get()
    assert (contact.channel, contact.state, contact.caller_number, contact.caller_name) == (
        "online", "waiting", "+447700900417", "Ada Example",
    )  # fmt: skip
    assert contact.safe_contact == "any"
    assert contact.place_said == "By the fountain"
    assert list(Line.objects.values_list("text", "origin").order_by("pk")) == [
        ("Someone took my bicycle.", "caller"),
        ("When: Today", "caller"),
    ]
    assert Receipt.objects.get().code == code.replace("-", "")


def test_who_chooses_nothing_is_not_contacted(browser: Client) -> None:
    page = browser.get("/report/step/1/").content.decode()
    assert "checked" not in page
    answer_all(browser, safe={})
    assert "You did not say. We will not contact you." in " ".join(words(browser.get("/report/step/6/")).split())
    send(browser, "/report/step/6/")
    contact = Contact.objects.get()
    assert (contact.safe_contact, contact.safe_ways, contact.may_leave_message) == ("no", [], False)


def test_only_the_ways_that_are_safe_are_passed_on(browser: Client) -> None:
    some = {"safe": "some", "ways": ["call"], "phone": "07700 900123", "email": "not asked", "times": "mornings"}
    answer_all(browser, safe=some, name="")
    send(browser, "/report/step/6/")
    contact = Contact.objects.get()
    assert (contact.safe_contact, contact.safe_ways, contact.safe_times) == ("some", ["call"], "mornings")
    assert (contact.caller_number, contact.caller_email) == ("+447700900123", "")
    assert contact.may_leave_message is False


def test_a_safe_way_needs_what_it_works_by(browser: Client) -> None:
    response = send(browser, "/report/step/1/", safe="some", ways=["call", "email"], phone="12", times="after six")
    assert response.status_code == 422
    said = words(response)
    assert "Enter a phone number that only you answer" in said
    assert "Enter an email address that only you read" in said
    assert 'value="after six"' in response.content.decode()
    assert "<title>Error: Report, step 1 of 6 – Northmoor Police</title>" in response.content.decode()


def test_changing_to_no_takes_the_number_away(browser: Client) -> None:
    answer_all(browser, safe={"safe": "some", "ways": ["text"], "phone": "07700 900123"})
    send(browser, "/report/step/1/", safe="no")
    send(browser, "/report/step/6/")
    assert Contact.objects.get().caller_number == ""


def test_pressing_send_twice_is_one_report_with_one_code(browser: Client) -> None:
    answer_all(browser)
    page = browser.get("/report/step/6/").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    for _ in range(2):
        assert browser.post("/report/step/6/", {"csrfmiddlewaretoken": token[1]})["Location"] == "/report/sent/"
    assert Contact.objects.count() == Receipt.objects.count() == 1
    assert code_on(browser.get("/report/sent/")) == code_on(browser.get("/report/sent/"))


def test_the_answers_are_empty_once_they_are_sent(browser: Client) -> None:
    answer_all(browser)
    send(browser, "/report/step/6/")
    assert bytes(Visit.objects.get().sealed) == b""
    assert "bicycle" not in words(browser.get("/report/step/2/"))


def test_a_second_report_after_the_first_is_a_second_contact(browser: Client) -> None:
    for _ in range(2):
        answer_all(browser)
        send(browser, "/report/step/6/")
    assert Contact.objects.count() == Receipt.objects.count() == 2


def test_danger_now_is_asked_about_calmly_and_the_text_is_kept(browser: Client) -> None:
    assert send(browser, "/report/step/2/", text=KNIFE)["Location"] == "/report/now/"
    assert "ring 999" in words(browser.get("/report/now/"))
    assert KNIFE in browser.get("/report/step/2/").content.decode()
    assert send(browser, "/report/now/")["Location"] == "/report/step/3/"
    assert send(browser, "/report/step/2/", text=KNIFE)["Location"] == "/report/step/3/"  # asked once
    send(browser, "/report/step/6/")
    contact = Contact.objects.get()
    assert contact.attention == 2
    assert contact.lines.get().text == KNIFE


def test_saying_that_it_happens_now_is_asked_about_too(browser: Client) -> None:
    send(browser, "/report/step/2/", text="Noise next door")
    assert send(browser, "/report/step/4/", when="now")["Location"] == "/report/now/"
    assert send(browser, "/report/now/")["Location"] == "/report/step/5/"


def test_leaving_forgets_everything_and_leads_somewhere_harmless(browser: Client) -> None:
    send(browser, "/report/step/2/", text="Someone took my bicycle.")
    response = browser.get("/report/exit/")
    assert response["Location"] == "https://www.bbc.co.uk/weather"
    assert response["Referrer-Policy"] == "no-referrer"
    assert not Visit.objects.exists()
    assert response.cookies[COOKIE]["max-age"] == 0
    assert response.cookies["csrftoken"]["max-age"] == 0
    assert "bicycle" not in words(browser.get("/report/step/2/"))


def test_a_browser_that_only_fetches_ahead_forgets_nothing(browser: Client) -> None:
    send(browser, "/report/step/2/", text="Someone took my bicycle.")
    browser.get("/report/exit/", headers={"Sec-Purpose": "prefetch"})
    assert Visit.objects.exists()


def test_after_an_hour_the_answers_are_gone(browser: Client) -> None:
    with time_machine.travel("2026-11-23T12:00:00Z", tick=False) as clock:
        send(browser, "/report/step/2/", text="Someone took my bicycle.")
        clock.shift(3601)
        assert "bicycle" not in words(browser.get("/report/step/2/"))
        sweep(timestamp=0)
        assert not Visit.objects.exists()


def test_an_answer_to_an_old_page_begins_a_new_report_and_is_kept(browser: Client) -> None:
    with time_machine.travel("2026-11-23T12:00:00Z", tick=False) as clock:
        send(browser, "/report/step/1/", safe="any")
        clock.shift(3601)
        send(browser, "/report/step/2/", text="Someone took my bicycle.")
        page = " ".join(words(browser.get("/report/step/6/")).split())
    assert "Someone took my bicycle." in page
    assert "We will not contact you." in page


def test_what_is_kept_names_nothing(browser: Client) -> None:
    send(browser, "/report/step/2/", text="Someone took my bicycle.")
    row = Visit.objects.get()
    assert b"bicycle" not in bytes(row.sealed)
    secret = browser.cookies[COOKIE].value
    assert secret not in (row.handle, str(row.key))
    assert set(browser.cookies) == {COOKIE, "csrftoken"}
    for cookie in browser.cookies.values():
        assert cookie["max-age"] == ""
        assert cookie["expires"] == ""
    assert browser.cookies[COOKIE]["httponly"]
    assert browser.cookies[COOKIE]["samesite"] == "Strict"


@pytest.mark.parametrize("path", ["/public/", *(f"/report/step/{n}/" for n in range(1, 7)), "/report/look/"])
def test_no_title_and_no_address_names_a_crime_and_nothing_is_stored(browser: Client, path: str) -> None:
    response = browser.get(path)
    title = re.search(r"<title>(.*?)</title>", response.content.decode(), re.DOTALL)
    assert title
    assert re.fullmatch(r"Report(, step \d of 6)? – Northmoor Police", title[1].strip())
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "same-origin"
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert not re.search(r'(?:src|href)="https?://', response.content.decode())
    assert 'href="/report/exit/"' in response.content.decode()


def test_text_at_the_limit_is_taken_and_more_is_refused_uncut(browser: Client) -> None:
    assert send(browser, "/report/step/2/", text="x" * 19_998 + "\r\n" + "y")["Location"] == "/report/step/3/"
    response = send(browser, "/report/step/2/", text="x" * 20_000 + "the end")
    assert response.status_code == 422
    assert "Shorten it by 7" in words(response)
    assert "the end</textarea>" in response.content.decode()
    assert "maxlength" not in browser.get("/report/step/2/").content.decode()


def test_a_character_that_cannot_be_kept_is_named(browser: Client) -> None:
    response = send(browser, "/report/step/2/", text="bi\x00cycle")
    assert response.status_code == 422
    assert "a character that cannot be kept" in words(response)


def test_more_than_can_be_read_is_said_so(browser: Client) -> None:
    response = browser.post("/report/step/2/", {"text": "x" * 3_000_000})
    assert response.status_code == 413
    assert "too much to send at once" in words(response)


def test_an_old_page_loses_no_words(browser: Client) -> None:
    response = browser.post("/report/step/2/", {"text": "Someone took my bicycle."})
    assert response.status_code == 403
    assert "press the button once more" in words(response)
    assert "Someone took my bicycle.</textarea>" in response.content.decode()


def test_too_many_answers_lose_no_words_and_say_whom_to_ring(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watchroom.foundation.rates.allow", lambda *args, **kwargs: False)
    response = send(browser, "/report/step/2/", text="Someone took my bicycle.")
    assert response.status_code == 429
    assert "ring 101; in danger, ring 999" in words(response)
    assert "Someone took my bicycle.</textarea>" in response.content.decode()


def test_a_machine_that_fills_in_everything_is_asked_again_and_a_person_gets_through(browser: Client) -> None:
    answer_all(browser)
    response = send(browser, "/report/step/6/", website="https://example.com")
    assert response.status_code == 422
    assert 'class="portal-trap"' not in response.content.decode()
    assert not Contact.objects.exists()
    assert send(browser, "/report/step/6/", website="")["Location"] == "/report/sent/"


def test_nothing_can_be_sent_without_saying_what_happened(browser: Client) -> None:
    send(browser, "/report/step/1/", safe="no")
    response = send(browser, "/report/step/6/")
    assert response.status_code == 409
    assert "Write what happened" in words(response)
    assert send(Client(enforce_csrf_checks=True), "/report/step/6/").status_code == 409


@pytest.mark.parametrize(
    "probe", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7919*7907 }}{% now 'Y' %}", "');alert(1)//"]
)
def test_whatever_is_typed_is_only_ever_shown_as_words(browser: Client, probe: str) -> None:
    send(browser, "/report/step/1/", safe="some", ways=["email"], email="a@example.com", times=probe)
    send(browser, "/report/step/2/", text=probe)
    send(browser, "/report/step/3/", place=probe)
    send(browser, "/report/step/4/", when="today", when_text=probe)
    send(browser, "/report/step/5/", name=probe)
    for number in range(1, 7):
        page = browser.get(f"/report/step/{number}/").content.decode()
        if "<" in probe:
            assert probe not in page
        assert "onerror=alert(1)>" not in page.replace("&gt;", "")
        assert "62615533" not in page
    shown = unescape(browser.get("/report/step/6/").content.decode())
    assert shown.count(probe) == 5  # times, text, place, when, name
