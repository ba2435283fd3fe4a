"""A flag comes on record, is looked at again, challenged, put right and taken off: with who, when and why, and looking back stays right."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests import world
from tests.test_despatch_desk import logged_in
from watchroom.duties import queries as duties
from watchroom.duties.models import Duty
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.models import Fact
from watchroom.identity import queries as identity
from watchroom.identity.flags import actions, codes, queries
from watchroom.identity.models import AccessCode, Marker, MarkerStep
from watchroom.incidents import codes as doors

WHY = "He moved out in March, says the housing office."


def titles(contact) -> list[str]:
    return [flag.title for flag in queries.of(contact, at=world.after(60))]


def test_a_flag_has_a_source_and_a_day_on_which_it_is_looked_at_again(northmoor):
    call = world.an_answered_call()
    flag = world.a_flag(number=world.LEANNE, text="MARAC 14 Oct.")
    assert titles(call) == ["Domestic abuse"]
    assert flag.review_by_date == world.NIGHT.date() + timedelta(days=91)
    assert [step.what for step in queries.steps(flag.pk)] == ["added"]
    with pytest.raises(Invalid, match="rumour"):
        actions.add(
            kind="blades",
            words=actions.Words(source=" ", since=world.NIGHT.date()),
            place=world.a_place().pk,
            by="staff:1",
            at=world.NIGHT,
        )


def test_a_flag_stands_only_on_what_its_kind_may_stand_on(northmoor):
    for kind, about in (("child", {"number": world.LEANNE}), ("mental_health", {"place": world.a_place().pk}), ("blades", {})):
        with pytest.raises(Invalid, match="is a flag of a"):
            world.a_flag(kind, **about)


def test_a_passed_review_date_is_owed_once_and_confirming_settles_it(northmoor):
    flag = world.a_flag(number=world.LEANNE)
    later = world.NIGHT + timedelta(days=92)
    assert actions.owe_reviews(at=world.NIGHT + timedelta(days=91)) == 0
    assert [actions.owe_reviews(at=later) for _ in range(2)] == [1, 0]
    assert duties.is_owed("flag_review", ("marker", flag.pk))
    (shown,) = queries.shown([flag], at=later)
    assert shown.is_late
    assert "Not reviewed since 21 Feb 2027." in shown.doubts
    with pytest.raises(Invalid, match="not after"):
        actions.confirm(marker=flag.pk, until=later.date() + timedelta(days=92), because=WHY, by="staff:1", at=later)
    actions.confirm(marker=flag.pk, until=later.date() + timedelta(days=91), because=WHY, by="staff:1", at=later)
    assert not duties.is_owed("flag_review", ("marker", flag.pk))
    assert not queries.shown([Marker.objects.get(pk=flag.pk)], at=later)[0].is_late


def test_a_challenged_flag_stays_and_says_so_until_somebody_else_decides(northmoor):
    call, flag = world.an_answered_call(), world.a_flag(number=world.LEANNE)
    with pytest.raises(Invalid, match="Write why"):
        actions.challenge(marker=flag.pk, because="wrong", by="staff:7", at=world.after(60))
    actions.challenge(marker=flag.pk, because=WHY, by="staff:7", at=world.after(60))
    (shown,) = queries.of(call, at=world.after(61))
    assert shown.is_challenged
    assert "Challenged" in shown.doubts
    owed = Duty.objects.get(kind="flag_challenge", settled_at=None)
    assert (owed.owner, owed.due_at) == ("desk:supervisor", world.after(60) + timedelta(days=1))
    actions.challenge(marker=flag.pk, because=WHY, by="staff:9", at=world.after(65))
    for decide in (actions.keep, actions.remove):
        for challenger in ("staff:7", "staff:9"):
            with pytest.raises(Refused, match="somebody else decides"):
                decide(marker=flag.pk, because=WHY, by=challenger, at=world.after(70))
    actions.keep(marker=flag.pk, because=WHY, by="staff:8", at=world.after(80))
    assert not queries.of(call, at=world.after(81))[0].is_challenged
    assert not duties.is_owed("flag_challenge", ("marker", flag.pk))


def test_a_removed_flag_counts_no_longer_and_stays_to_be_read_with_who_when_and_why(northmoor):
    call, flag = world.an_answered_call(), world.a_flag(number=world.LEANNE)
    actions.challenge(marker=flag.pk, because=WHY, by="staff:7", at=world.after(60))
    actions.remove(marker=flag.pk, because=WHY, by="staff:8", at=world.after(90))
    assert titles(call) == []
    assert [row.pk for row in queries.removed_of(call)] == [flag.pk]
    last = queries.steps(flag.pk)[-1]
    assert (last.what, last.because, last.by, last.at) == ("removed", WHY, "staff:8", world.after(90))
    assert not Duty.objects.filter(subject_kind="marker", settled_at=None).exists()
    with pytest.raises(Refused, match="removed already"):
        actions.challenge(marker=flag.pk, because=WHY, by="staff:7", at=world.after(91))


def test_looking_back_shows_what_was_shown_not_what_was_put_right_since(northmoor):
    call, flag = world.an_answered_call(), world.a_flag("blades", place=world.a_place().pk, text="Carries a knife.")
    world.an_incident(contact=call)
    call.refresh_from_db()
    right = actions.Words(
        source="Custody record", since=world.NIGHT.date() - timedelta(days=90), text="Carried one once.", level=2
    )
    new = actions.correct(marker=flag.pk, words=right, because=WHY, by="staff:8", at=world.after(600))
    actions.remove(marker=new.pk, because=WHY, by="staff:8", at=world.after(1200))
    moments = [(call, world.after(seconds)) for seconds in (-10, 300, 900, 1500)]
    assert [[m.text for m in found] for found in identity.markers_then(moments)] == [
        [], ["Carries a knife."], ["Carried one once."], []
    ]  # fmt: skip
    assert [step.what for step in queries.steps(new.pk)] == ["added", "corrected", "removed"]


def test_what_was_told_today_was_not_on_record_yesterday_though_it_is_so_for_months(northmoor):
    call = world.an_answered_call()
    flag = world.a_flag(number=world.LEANNE, at=world.after(3600))
    Marker.objects.filter(pk=flag.pk).update(since_date=world.NIGHT.date() - timedelta(days=200))
    assert identity.markers_then([(call, world.after(60)), (call, world.after(3700))]) == [[], [flag]]


def test_the_words_of_a_flag_are_in_no_fact(northmoor):
    flag = world.a_flag(number=world.LEANNE, text="Zyxwvut strangled her.")
    actions.challenge(marker=flag.pk, because="Zyxwvut is somebody else of that name.", by="staff:7", at=world.after(60))
    assert not any("Zyxwvut" in str(body) for body in Fact.objects.values_list("body", flat=True))


# --- codes


def a_keysafe(code: str = "4711") -> Marker:
    return world.a_flag("access_code", place=world.a_place().pk, title="Keysafe", text="Left of the back door.", code=code)


def test_a_code_is_sealed_and_in_no_words_that_everybody_reads(northmoor):
    flag = a_keysafe()
    assert codes.of(flag.pk) == "4711"
    assert b"4711" not in bytes(AccessCode.objects.get(marker=flag).sealed)
    with pytest.raises(Invalid, match="in the words of the flag"):
        world.a_flag("access_code", place=world.a_place().pk, text="Keysafe 0815", code="0815")
    with pytest.raises(Invalid, match="Only a flag of an access code"):
        world.a_flag(number=world.LEANNE, code="4711")


def test_a_sealed_code_that_is_put_beside_another_flag_opens_nothing(northmoor):
    one, other = a_keysafe("4711"), a_keysafe("0815")
    AccessCode.objects.filter(marker=other).update(sealed=bytes(AccessCode.objects.get(marker=one).sealed))
    with pytest.raises(Refused, match="cannot be opened"):
        codes.of(other.pk)


def test_a_code_is_shown_for_an_open_job_at_its_own_place_only_and_each_time_is_an_entry(northmoor, monkeypatch):
    entries: list[tuple] = []
    flag, call = a_keysafe(), world.an_answered_call()
    monkeypatch.setattr("watchroom.foundation.access.log", lambda kind, **more: entries.append((kind, more["subject"])))
    asked = {"contact": call.pk, "marker": flag.pk, "by": "staff:1", "at": world.after(100)}
    with pytest.raises(Refused, match="an open job"):
        doors.show(**asked)
    incident = world.an_incident(contact=call)
    assert [doors.show(**asked) for _ in range(2)] == ["4711", "4711"]
    assert entries == [("disclosure", ("marker", flag.pk))] * 2
    elsewhere = world.an_answered_call(number="07700 900501")
    world.an_incident(contact=elsewhere, place=world.a_place("1 Kiln Street"))
    with pytest.raises(Refused, match="another place"):
        doors.show(**{**asked, "contact": elsewhere.pk})
    type(incident).objects.filter(pk=incident.pk).update(state="closed")
    with pytest.raises(Refused, match="closed"):
        doors.show(**asked)
    assert len(entries) == 2


def test_the_code_is_on_no_page_until_it_is_asked_for_and_gone_with_its_flag(northmoor):
    flag, call, bryn = a_keysafe("Zyx47"), world.an_answered_call(), logged_in("bryn", "handler")
    incident = world.an_incident(contact=call)
    supervisor = logged_in("marian", "supervisor")
    pages = [
        reverse("identity:who", args=[call.pk]),
        reverse("identity:flags", args=[call.pk]),
        reverse("identity:flag", args=[flag.pk]),
        reverse("incidents:job", args=[incident.pk]),
        reverse("desk:incident", args=[incident.pk]),
    ]
    for page in pages:
        body = supervisor.get(page).content.decode()
        assert "Keysafe" in body, page
        assert "Zyx47" not in body, page
    answer = bryn.post(reverse("incidents:code", args=[call.pk, flag.pk]))
    assert "Zyx47" in answer.content.decode()
    assert "delay:30s" in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    assert "Zyx47" not in bryn.get(reverse("incidents:hide_code", args=[call.pk, flag.pk])).content.decode()
    actions.remove(marker=flag.pk, because=WHY, by="staff:8", at=world.after(900))
    assert not AccessCode.objects.exists()


# --- on the pages


def test_a_restricted_flag_is_hidden_from_a_handler_and_said_to_be_there(northmoor):
    call = world.an_answered_call()
    flag = world.a_flag("protected", place=world.a_place().pk, text="Zyxwvut’s new address.")
    world.an_incident(contact=call)
    bryn, marian = logged_in("bryn", "handler"), logged_in("marian", "supervisor")
    for page in (reverse("identity:who", args=[call.pk]), reverse("identity:flags", args=[call.pk]), f"/desk/{call.pk}/"):
        body = bryn.get(page).content.decode()
        assert "Restricted flag" in body, page
        assert "Zyxwvut" not in body, page
    assert bryn.get(reverse("identity:flag", args=[flag.pk])).status_code == 403
    assert "Zyxwvut" in marian.get(reverse("identity:flag", args=[flag.pk])).content.decode()


def test_a_handler_challenges_on_the_page_and_a_supervisor_decides_there(northmoor):
    call, flag = world.an_answered_call(), world.a_flag(number=world.LEANNE)
    bryn, marian = logged_in("bryn", "handler"), logged_in("marian", "supervisor")
    assert bryn.post(reverse("identity:remove_flag", args=[flag.pk]), {"because": WHY}).status_code == 403
    assert bryn.post(reverse("identity:challenge_flag", args=[flag.pk]), {"because": "no"}).status_code == 422
    bryn.post(reverse("identity:challenge_flag", args=[flag.pk]), {"because": WHY})
    assert "Challenged" in bryn.get(reverse("identity:who", args=[call.pk])).content.decode()
    assert "1 flag to decide" in marian.get(reverse("desk:supervisor_owed")).content.decode()
    assert "Flag challenged" in marian.get(reverse("identity:flags_to_decide")).content.decode()
    marian.post(reverse("identity:remove_flag", args=[flag.pk]), {"because": WHY})
    assert MarkerStep.objects.filter(marker=flag, what="removed").exists()
    assert WHY in marian.get(reverse("identity:flag", args=[flag.pk])).content.decode()


def test_a_handler_puts_one_on_record_from_the_contact(northmoor):
    call = world.an_answered_call()
    bryn = logged_in("bryn", "handler")
    sent = {"kind": "hearing", "on": "number", "source": "She said so", "since": "2026-11-20", "text": "Lip-reads."}
    address = reverse("identity:add_flag", args=[call.pk])
    assert bryn.post(address, {**sent, "on": "person-1"}).status_code == 422
    assert bryn.post(address, {**sent, "kind": "protected"}).status_code == 422
    assert bryn.post(address, sent).status_code == 303
    assert "Lip-reads." in bryn.get(reverse("identity:who", args=[call.pk])).content.decode()
