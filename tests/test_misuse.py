"""An officer looks up an ex-partner: nothing is shown without a reason, that they tried is on record, and standards read it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import world
from watchroom.contacts import actions as contacts
from watchroom.duties.models import Duty
from watchroom.foundation import access, clock
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.models import Fact, Opened
from watchroom.identity import plans
from watchroom.identity.misuse import actions, rules
from watchroom.identity.misuse.rules import Declared, Touches
from watchroom.identity.models import Conflict, Look
from watchroom.incidents.models import Incident

REASON = "Asked by the inspector to prepare the handover."
EX = "07700 900417"


@pytest.fixture
def closed(northmoor) -> Incident:
    """An old log about the number of Kit's ex, whom somebody else helped."""
    incident = world.a_whole_journey(number=EX)
    return incident


@pytest.fixture
def kit(northmoor):
    member = world.a_member("kit", "supervisor")
    actions.declare(member=member.pk, relation="ex", number="+447700900417", place=None, by=member.code, at=clock.now())
    return member


# --- the rule ---------------------------------------------------------------------------------------------------------

touches = st.builds(
    Touches, st.frozensets(st.sampled_from(["1", "2"])), st.frozensets(st.integers(1, 3)), st.frozensets(st.integers(1, 3))
)
declared = st.lists(
    st.builds(
        Declared, st.integers(1, 2), st.sampled_from(rules.DECLARED), st.sampled_from(["", "1", "2"]),
        st.none() | st.integers(1, 3), st.frozensets(st.integers(1, 3)),
    )
)  # fmt: skip


@given(declared, touches, touches)
def test_a_record_that_touches_more_never_hides_a_relation(conflicts, record, more):
    assert set(rules.relations(1, conflicts, record)) <= set(rules.relations(1, conflicts, record | more))


@given(declared, touches)
def test_who_declared_nothing_meets_colleagues_only(conflicts, record):
    assert set(rules.relations(99, conflicts, record)) <= {"colleague"}
    assert rules.relations(1, [], record) == ()
    assert rules.relations(1, conflicts, Touches()) == ()


# --- the story --------------------------------------------------------------------------------------------------------


def test_a_log_of_an_ex_is_not_shown_without_a_reason_and_the_try_is_on_record(closed, kit):
    client, standards = world.signed_in("kit"), world.signed_in("ines", "auditor")
    page = client.get(f"/incidents/{closed.pk}/")
    assert page.status_code == 403
    body = page.content.decode()
    assert "A reason is needed" in body
    assert "ex-partner" in body
    assert closed.headline not in body or not closed.headline
    assert "knife" not in body
    look = Look.objects.get()
    assert (look.because, look.relations) == ("", ["ex"])
    assert Duty.objects.get(kind="look_review", settled_at=None).owner == "desk:standards"
    read = standards.get("/identity/looks/").content.decode()
    assert "tried, gave no reason" in read
    assert "knife" not in read

    refused = client.post("/identity/reason/", {"subject_kind": "incident", "subject_id": closed.pk, "because": "curious"})
    assert refused.status_code == 422
    opened = client.post(
        "/identity/reason/",
        {"subject_kind": "incident", "subject_id": closed.pk, "because": REASON, "next": f"/incidents/{closed.pk}/"},
    )
    assert (opened.status_code, opened["Location"]) == (303, f"/incidents/{closed.pk}/")
    assert client.get(f"/incidents/{closed.pk}/").status_code == 200
    assert Look.objects.count() == 1
    assert REASON in standards.get("/identity/looks/").content.decode()
    standards.post(f"/identity/looks/{look.pk}/", {"finding": "further", "because": "The inspector asked for nothing."})
    look.refresh_from_db()
    assert (look.finding, look.found_by[:6]) == ("further", "staff:")
    assert not Duty.objects.filter(kind="look_review", settled_at=None).exists()
    assert REASON not in str(list(Fact.objects.values_list("body", flat=True)))


def test_every_door_to_the_log_is_the_same_door(closed, kit):
    client = world.signed_in("kit")
    for path in (f"/incidents/{closed.pk}/job/", f"/incidents/{closed.pk}/replay/", f"/incidents/{closed.pk}/"):
        assert client.get(path).status_code == 403, path
    part = client.get(f"/incidents/{closed.pk}/job/", headers={"HX-Request": "true", "HX-Target": "stage-log"}).content.decode()
    assert 'id="stage-log"' in part
    assert "knife" not in part


def test_what_was_open_when_it_was_declared_needs_a_reason_at_the_next_look(closed, northmoor):
    kit, path = world.a_member("kit", "supervisor"), f"/incidents/{closed.pk}/job/"
    clients = [world.signed_in(name, "supervisor") for name in ("kit", "marian")]
    assert [client.get(path).status_code for client in clients] == [200, 200]
    actions.declare(member=kit.pk, relation="ex", number="+447700900417", place=None, by=kit.code, at=clock.now())
    assert [client.get(path).status_code for client in clients] == [403, 200]
    actions.declare(member=kit.pk, relation="self", number="+447700900417", place=None, by=kit.code, at=clock.now())
    assert [client.get(path).status_code for client in clients] == [403, 403]


def test_somebody_else_is_not_asked(closed, kit):
    assert world.signed_in("marian", "supervisor").get(f"/incidents/{closed.pk}/").status_code == 200
    assert not Look.objects.exists()


def test_a_call_that_is_theirs_to_answer_is_never_held_up_and_the_reason_is_owed(northmoor):
    bryn = world.a_member()
    actions.declare(member=bryn.pk, relation="ex", number="+447700900417", place=None, by=bryn.code, at=clock.now())
    contact = world.an_answered_call(number=EX, at=clock.now())
    client = world.signed_in("bryn")
    assert client.get(f"/desk/{contact.pk}/").status_code == 200
    look = Look.objects.get()
    assert look.is_of_own_work
    assert Duty.objects.get(kind="look_reason", settled_at=None).owner == bryn.code
    assert "You owe a reason" in client.get("/identity/conflicts/").content.decode()
    because = {"subject_kind": "contact", "subject_id": contact.pk, "because": "It rang at my desk; I answered."}
    assert client.post("/identity/reason/", because).status_code == 303
    assert not Duty.objects.filter(kind="look_reason", settled_at=None).exists()


def test_an_open_job_is_the_despatchers_work(northmoor):
    priya = world.a_member("priya", "despatcher")
    actions.declare(member=priya.pk, relation="neighbour", number="+447700900417", place=None, by=priya.code, at=clock.now())
    incident = world.an_incident(contact=world.an_answered_call(number=EX, at=clock.now()))
    assert world.signed_in("priya").get(f"/incidents/{incident.pk}/job/").status_code == 200
    assert Look.objects.get().is_of_own_work


def test_a_colleagues_own_number_and_whoever_is_known_to_use_it(closed, northmoor):
    dawit = world.a_member("dawit", "handler")
    actions.declare(member=dawit.pk, relation="self", number="+447700900417", place=None, by=dawit.code, at=clock.now())
    assert world.signed_in("marian", "supervisor").get(f"/incidents/{closed.pk}/").status_code == 403
    assert Look.objects.get().relations == ["colleague"]
    assert world.signed_in("dawit").get(f"/incidents/{closed.pk}/").status_code == 403


def test_an_ended_conflict_asks_nothing_and_stays_on_record(closed, kit):
    conflict = Conflict.objects.get()
    world.signed_in("kit").post(f"/identity/conflicts/{conflict.pk}/end/")
    assert world.signed_in("kit").get(f"/incidents/{closed.pk}/").status_code == 200
    assert Conflict.objects.get().ended_at


def test_nobody_judges_a_look_of_their_own(closed, kit):
    world.signed_in("kit").get(f"/incidents/{closed.pk}/")
    look = Look.objects.get()
    with pytest.raises(Refused, match="of their own"):
        actions.find(look=look.pk, finding="in_order", because=REASON, by=kit.code, at=clock.now())
    with pytest.raises(Invalid):
        actions.find(look=look.pk, finding="in_order", because="ok", by="staff:999", at=clock.now())


def test_a_reason_holds_for_a_shift(closed, kit):
    at = clock.now()
    with pytest.raises(Refused):
        actions.give_reason(subject=("incident", closed.pk), member=kit.pk, because=REASON, by=kit.code, at=at)
    actions.note(subject=("incident", closed.pk), member=kit.pk, relations=("ex",), by=kit.code, at=at)
    actions.give_reason(subject=("incident", closed.pk), member=kit.pk, because=REASON, by=kit.code, at=at)
    actions.watch(("incident", closed.pk), kit.code, at + timedelta(hours=11))
    with pytest.raises(Exception, match="ex-partner"):
        actions.watch(("incident", closed.pk), kit.code, at + timedelta(hours=13))


def test_a_plan_of_an_ex_is_not_read_renewed_or_ended_without_a_reason(kit):
    contact = world.an_answered_call(number=EX)
    says = "Let her speak first; her worker is Nadia."
    plan = plans.make(contact=contact.pk, on="number", says=says, agreed_with="Nadia", by="staff:1", at=world.NIGHT)
    client, path = world.signed_in("kit"), f"/identity/plans/{plan.pk}/"
    listed = client.get("/identity/plans/").content.decode()
    assert f"Plan {plan.pk}" in listed
    assert "ex-partner" in listed
    assert "Nadia" not in listed
    assert "Nadia" not in client.get(path).content.decode()
    assert client.post(f"{path}end/", {"because": "She has moved to her sister’s."}).status_code == 409
    assert client.post(f"{path}renew/", {"agreed_with": "Nadia"}).status_code == 409
    plan.refresh_from_db()
    assert plan.ended_at is None
    assert Look.objects.get().relations == ["ex"]
    reason = {"subject_kind": "plan", "subject_id": plan.pk, "because": REASON, "next": path}
    assert client.post("/identity/reason/", reason)["Location"] == path
    assert "Nadia" in client.get(path).content.decode()


def test_typing_the_name_of_an_ex_shows_nothing_of_them_and_is_on_record(northmoor):
    bryn = world.a_member()
    leanne, craig = world.somebody(number=EX), world.somebody("Craig Dunmore", number="07700 900998")
    actions.declare(member=bryn.pk, relation="ex", number="+447700900417", place=None, by=bryn.code, at=clock.now())
    contact = world.an_answered_call(number="01632 960001", at=clock.now())
    client, path = world.signed_in("bryn"), f"/identity/{contact.pk}/look/"
    shown = client.post(path, {"name": "Leanne Whitcombe"}).content.decode()
    assert "ex-partner" in shown
    assert f"/identity/people/{leanne.pk}/" in shown
    assert "candidate__name" not in shown
    assert [(look.subject_kind, look.subject_id, look.because) for look in Look.objects.all()] == [("person", leanne.pk, "")]
    assert "Craig Dunmore" in client.post(path, {"name": "Craig Dunmore"}).content.decode()
    opened = Opened.objects.filter(by=bryn.code, subject_kind="person").values_list("subject_id", flat=True)
    assert list(opened) == [craig.pk], "whoever is shown was looked up"


@pytest.mark.parametrize("has_tried", [False, True])
def test_keeping_the_name_of_an_ex_at_a_call_of_ones_own_owes_a_reason_and_at_anothers_needs_one_first(northmoor, has_tried):
    """A name that is kept stays on the page: nobody is looked up that way and leaves no trace. No call is held up by it."""
    bryn, hana = world.a_member(), world.a_member("hana", "handler")
    leanne = world.somebody(number=EX)
    for member in (bryn, hana):
        actions.declare(member=member.pk, relation="ex", number="+447700900417", place=None, by=member.code, at=clock.now())
    contact = world.an_answered_call(number="01632 960001", at=clock.now())
    path, said, record = f"/identity/{contact.pk}/name/", {"name": "Leanne Whitcombe"}, f"/identity/people/{leanne.pk}/"
    client = world.signed_in("hana")
    assert client.post(path, said).status_code == 409
    contact.refresh_from_db()
    assert contact.caller_name == ""
    assert Look.objects.get().because == ""
    reason = {"subject_kind": "person", "subject_id": leanne.pk, "because": REASON, "next": "/"}
    assert client.post("/identity/reason/", reason).status_code == 303
    assert client.post(path, said).status_code == 303
    contacts.say_name(contact=contact.pk, name="Somebody Else", by=hana.code, at=clock.now())
    client = world.signed_in("bryn")
    if has_tried:  # while it is typed, which comes before
        assert "ex-partner" in client.post(f"/identity/{contact.pk}/look/", said).content.decode()
    assert client.post(path, said).status_code == 303
    contact.refresh_from_db()
    assert contact.caller_name == "Leanne Whitcombe"
    assert client.get(record).status_code == 403, "what is on record of her needs a reason as before"
    look = Look.objects.get(member=bryn)
    assert (look.subject_id, look.is_of_own_work) == (leanne.pk, True)
    assert Duty.objects.filter(kind="look_reason", subject_id=look.pk, owner=bryn.code, settled_at=None).exists()
    now = clock.now()
    entries = access.read(since=now - timedelta(hours=1), until=now, by="staff:0", at=now, subject=("person", leanne.pk)).entries
    assert {entry.by for entry in entries if entry.reason == "shown because a name was kept"} == {bryn.code, hana.code}


def test_declaring_by_address_asks_which_one_and_says_what_is_wrong(northmoor):
    world.a_place("18 Tanner’s Row")
    world.a_place("19 Tanner’s Row")
    client = world.signed_in("kit", "supervisor")
    nothing = client.post("/identity/conflicts/", {"relation": "neighbour"})
    assert nothing.status_code == 422
    nowhere = client.post("/identity/conflicts/", {"relation": "neighbour", "address": "Zzyzx"})
    assert "No address like that" in nowhere.content.decode()
    several = client.post("/identity/conflicts/", {"relation": "neighbour", "address": "Tanner’s Row"}).content.decode()
    assert "Which of these?" in several
    assert client.post("/identity/conflicts/", {"relation": "neighbour", "address": "18 Tanner’s Row"}).status_code == 303
    assert Conflict.objects.get().place.label.startswith("18 Tanner")
