"""One installation, several forces: the address or a setting says whose page it is, and nothing passes between them."""

from typing import Any

import pytest
from django.test import Client

from watchroom.contacts.models import Contact
from watchroom.foundation import scope
from watchroom.gazetteer import actions as gazetteer
from watchroom.portal.models import Visit
from watchroom.portal.tests.test_report import answer_all, code_on, send, words

pytestmark = pytest.mark.django_db


def browser() -> Client:
    return Client(enforce_csrf_checks=True)


def test_the_first_force_is_the_default_and_a_setting_names_another(settings: Any) -> None:
    assert "Report something to Northmoor Police" in words(browser().get("/public/"))
    settings.WATCHROOM_PUBLIC_FORCE = "southmere"
    assert "Report something to Southmere Police" in words(browser().get("/public/"))


def test_the_address_names_a_force_and_all_its_links_stay_there() -> None:
    page = browser().get("/report/southmere/").content.decode()
    assert "<title>Report – Southmere Police</title>" in page
    assert 'href="/report/southmere/step/1/"' in page
    assert 'href="/report/southmere/exit/"' in page


def test_an_unknown_force_is_not_found() -> None:
    assert browser().get("/report/nowhere/").status_code == 404
    assert browser().get("/report/nowhere/step/1/").status_code == 404


def test_a_report_goes_to_the_force_of_its_address() -> None:
    client = browser()
    for number, said in ((1, {"safe": "any"}), (2, {"text": "Someone took my bicycle."}), (6, {})):
        assert send(client, f"/report/southmere/step/{number}/", **said)["Location"].startswith("/report/southmere/")
    assert code_on(client.get("/report/southmere/sent/")).startswith("SP-")
    with scope.use("southmere"):
        assert Contact.objects.count() == 1
    with scope.use("northmoor"):
        assert Contact.objects.count() == 0


def test_answers_given_to_one_force_are_not_shown_by_another() -> None:
    client = browser()
    send(client, "/report/northmoor/step/2/", text="Someone took my bicycle.")
    assert "bicycle" in words(client.get("/report/northmoor/step/2/"))
    assert "bicycle" not in words(client.get("/report/southmere/step/2/"))


def test_somebody_logged_in_at_another_force_reports_like_everybody_else(northmoor: str) -> None:
    client = browser()
    session = client.session
    session["force"] = "southmere"
    session.save()
    answer_all(client)
    send(client, "/report/step/6/")
    assert Contact.objects.count() == 1
    assert client.session["force"] == "southmere"


@pytest.fixture
def town(northmoor: str) -> None:
    def entry(reference: str, label: str, kind: str = "address") -> gazetteer.Entry:
        return gazetteer.Entry(
            reference=reference,
            kind=kind,
            label=label,
            beat="tannery",
            x=0,
            y=0,
            latitude=54.6,
            longitude=-1.9,
            locality="Harrowby",
        )

    entries = [entry("1", "1 Tannery Lane"), entry("2", "2 Tannery Lane"), entry("3", "Tannery Lane Refuge", "landmark")]
    gazetteer.load(beats=[("tannery", "Tannery", False)], places=entries, shapes=[])


def test_a_place_is_picked_on_a_second_page_without_scripts(town: None) -> None:
    client = browser()
    send(client, "/report/step/2/", text="Someone took my bicycle.")
    assert send(client, "/report/step/3/", place="tannery lane")["Location"] == "/report/place/"
    page = words(client.get("/report/place/"))
    assert "2 Tannery Lane, Harrowby" in page
    assert "Refuge" not in page
    assert send(client, "/report/place/", place_reference="2")["Location"] == "/report/step/4/"
    assert "2 Tannery Lane, Harrowby" in words(client.get("/report/step/6/"))
    send(client, "/report/step/6/")
    contact = Contact.objects.get()
    assert contact.place is not None
    assert (contact.place.label, contact.place_said) == ("2 Tannery Lane", "tannery lane")


def test_none_of_these_is_a_good_answer_and_another_place_forgets_the_first(town: None) -> None:
    client = browser()
    send(client, "/report/step/3/", place="tannery lane")
    send(client, "/report/place/", place_reference="1")
    assert send(client, "/report/step/3/", place="2 tannery lane")["Location"] == "/report/place/"
    assert send(client, "/report/place/", place_reference="")["Location"] == "/report/step/4/"
    assert "1 Tannery Lane, Harrowby" not in words(client.get("/report/step/6/"))


def test_a_place_that_was_not_offered_is_not_taken(town: None) -> None:
    client = browser()
    send(client, "/report/step/3/", place="1 tannery lane")
    assert send(client, "/report/place/", place_reference="3").status_code == 422
    assert Visit.objects.count() == 1
