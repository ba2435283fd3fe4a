"""Was it done well? Nadia assesses what Ruth resolved; Ruth reads what was found, and nobody else does."""

import pytest

from tests import world
from watchroom.duties.models import Duty
from watchroom.force import packs
from watchroom.foundation import clock
from watchroom.foundation.models import Opened
from watchroom.incidents.models import Incident
from watchroom.resolution.models import Check

CRITERIA = [one.code for one in packs.national().criteria]
GOOD = {f"verdict-{code}": "met" for code in CRITERIA} | {"feedback": "Clear, and kind to her on the telephone."}


@pytest.fixture
def ruth(northmoor):
    return world.signed_in("ruth", "resolver")


@pytest.fixture
def nadia(northmoor):
    return world.signed_in("nadia", "supervisor")


@pytest.fixture
def check(northmoor, ruth, nadia):
    """A case of Ruth's, drawn by Nadia on the page."""
    case = world.to_be_resolved()
    world.resolve(case, by=world.a_member("ruth").code, at=clock.now())
    today = clock.now().date().isoformat()
    assert nadia.post("/resolution/quality/draw/", {"from": today, "to": today, "each": "1"}).status_code == 303
    return Check.objects.get(is_second=False)


def test_it_is_drawn_assessed_beside_the_case_and_read_by_who_resolved_it(check, nadia, ruth):
    page = nadia.get("/resolution/quality/").content.decode()
    assert f'href="/resolution/quality/{check.pk}/"' in page
    case = nadia.get(f"/resolution/quality/{check.pk}/").content.decode()
    assert "Told what to keep and where to send it." in case
    assert "Taken last night, nobody saw it" in case
    assert "All reasonable lines of inquiry" in case
    assert world.RATIONALES["harm"] in case
    assert "Ruth" not in case  # who resolved it is not said
    assert nadia.post(f"/resolution/quality/{check.pk}/", GOOD).status_code == 303
    found = nadia.get("/resolution/quality/").content.decode()
    assert "1 of 1 drawn cases assessed" in found
    assert "100 % of 1" in found
    mine = ruth.get("/resolution/quality/mine/").content.decode()
    assert "Clear, and kind to her" in mine
    assert "Nadia" in mine
    ruth.post(f"/resolution/quality/{check.pk}/read/", {"reply": "Thank you."})
    assert "You replied: “Thank you.”" in ruth.get("/resolution/quality/mine/").content.decode()
    assert "Their reply: “Thank you.”" in nadia.get(f"/resolution/quality/{check.pk}/").content.decode()


def test_what_is_missing_is_said_beside_its_criterion_and_what_was_written_stays(check, nadia):
    said = {**GOOD, "verdict-risk": "not_met", "text-grade": "Kept as it was typed.", "feedback": ""}
    answer = nadia.post(f"/resolution/quality/{check.pk}/", said)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "2 things to complete" in page
    assert "Risk: write what is missing" in page
    assert "Kept as it was typed." in page
    assert 'value="not_met" checked' in page


def test_what_is_still_owed_stands_on_top_until_it_is_put_right(check, nadia):
    said = {**GOOD, "verdict-risk": "not_met", "text-risk": "The risk forgets the son who was there."}
    nadia.post(f"/resolution/quality/{check.pk}/", said)
    assert "Somebody is owed more" in nadia.get("/resolution/quality/").content.decode()
    url = f"/resolution/quality/{check.pk}/right/"
    assert nadia.post(url, {"righted": "no"}).status_code == 422
    assert nadia.post(url, {"righted": "Rang her back and wrote it down."}).status_code == 303
    assert "Somebody is owed more" not in nadia.get("/resolution/quality/").content.decode()


def test_reading_a_case_to_assess_it_is_a_consultation(check, nadia):
    mine = Opened.objects.filter(by=world.a_member("nadia").code, subject_kind="incident", subject_id=check.incident_id)
    assert not mine.exists()
    nadia.get(f"/resolution/quality/{check.pk}/")
    assert mine.exists()


def test_who_may_count_only_sees_no_case_and_who_resolved_both_cannot_assess(check):
    analyst = world.signed_in("ana", "analyst")
    page = analyst.get("/resolution/quality/").content.decode()
    assert "What 12 weeks say" in page
    assert "To be assessed" not in page
    assert analyst.get(f"/resolution/quality/{check.pk}/").status_code == 403
    both = world.signed_in("ruth", "resolver", "supervisor")
    world.a_member("ruth").__class__.objects.filter(name="ruth").update(roles=["resolver", "supervisor"])
    assert "You resolved this one yourself" in both.get(f"/resolution/quality/{check.pk}/").content.decode()
    assert both.post(f"/resolution/quality/{check.pk}/", GOOD).status_code == 409
    assert Duty.objects.filter(kind="assess", settled_at=None).exists()


def test_the_page_says_that_nothing_was_found_to_draw(northmoor, nadia):
    answer = nadia.post("/resolution/quality/draw/", {"from": "2020-01-01", "to": "2020-01-07", "each": "1"})
    assert "Nothing was drawn" in nadia.get(answer["Location"]).content.decode()
    assert nadia.post("/resolution/quality/draw/", {"from": "soon", "to": "", "each": "1"}).status_code == 422


# --- Strategies and priorities (R88)


def test_an_officer_attends_what_a_strategy_says_and_the_page_offers_nothing_else(northmoor, ruth):
    case = world.to_be_resolved("quay_disorder")
    page = ruth.get(f"/resolution/{case.pk}/outcome/").content.decode()
    assert "Old Quay: an officer attends" in page
    assert "Harbour safety fund" in page
    assert 'id="resolving"' not in page
    assert 'id="regrade-now"' in page
    said = {"key": "k", "outcome": "answered", "text": "Told the trader who to ring."}
    answer = ruth.post(f"/resolution/{case.pk}/resolve/", said, headers={"Accept": "application/json"})
    assert answer.status_code == 409
    assert "Old Quay: an officer attends." in answer.json()["problem"]
    assert Incident.objects.get(pk=case.pk).is_open
