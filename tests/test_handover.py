"""The note to the next shift says what is open, late and asked; a person corrects it; both stay."""

from tests import world
from tests.test_asked_desk import DELAY, a_client, incident, marian, priya  # noqa: F401
from watchroom.demand.queries import handover
from watchroom.duties.models import Handover
from watchroom.foundation import clock


def test_it_names_who_waits_and_what_is_asked_by_log_and_never_by_name(priya, incident):  # noqa: F811
    priya.post(f"/incidents/{incident.pk}/ask/", DELAY)
    drawn = handover.draft(clock.now())
    assert f"Log {incident.reference}: delay, asked by Priya" in drawn
    assert "1 open" in drawn
    assert world.LEANNE.replace(" ", "") not in drawn.replace(" ", "")


def test_a_person_corrects_it_and_both_are_kept(marian, incident):  # noqa: F811
    page = marian.get("/supervisor/handover/").content.decode()
    assert "To the next shift" in page
    drawn = handover.draft(clock.now())
    marian.post("/supervisor/handover/save/", {"text": drawn + "The lift at Old Quay is out of order.", "drawn": drawn})
    row = Handover.objects.get()
    assert "lift at Old Quay" in row.text
    assert "lift" not in row.drawn
    assert "lift at Old Quay" in marian.get("/supervisor/handover/").content.decode()


def test_an_empty_note_is_refused_in_words(marian):  # noqa: F811
    answer = marian.post("/supervisor/handover/save/", {"text": " "}, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "empty" in " ".join(answer.json()["problems"])
