"""Two records of one person: proposed by likeness, read as one when a person says so, and each its own again when that was wrong."""

from datetime import date

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import world
from watchroom.contacts import actions as contacts
from watchroom.foundation import scope
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.models import Fact
from watchroom.identity import actions, command, finding, people, queries, tasks, twins
from watchroom.identity.flags import queries as flags
from watchroom.identity.models import Description, Link, Marker, Person, Sweep, Twins

BY, WHY = "staff:7", "Same mother’s name on both, says housing."
BORN = date(1984, 3, 12)
OWN, OTHER = "+447700900417", "+447700900555"


def known(source: str, *, family="Whitcombe", number=OWN, place=None, born=BORN) -> Person:
    one = actions.Known(
        given_name="Leanne", family_name=family, born_date=born, numbers=(number,), places=(place,) if place else ()
    )
    return actions.bring_in([one], source=source, by="system:tests", at=world.NIGHT)[0]


@pytest.fixture
def two(northmoor):
    """The police know her with her number; housing knows her at another address under another number."""
    return known("records"), known("housing", number=OTHER, place=world.a_place("3 Mill Lane").pk)


def the_pair() -> Twins:
    return Twins.objects.get(judged="", undone_at=None)


def test_the_nightly_look_proposes_them_once_and_holds_nobody_to_be_another(two):
    assert twins.sweep(at=world.after(60)).proposed == 1
    pair = the_pair()
    assert {pair.one_id, pair.other_id} == {one.pk for one in two}
    assert "The same date of birth." in pair.because
    assert not Person.objects.exclude(same_as=None).exists()
    assert twins.sweep(at=world.after(120)) == twins.Swept(0, 0, True)  # what was looked at is not looked at again


def test_a_look_that_is_cut_off_goes_on_where_it_was_and_says_how_far_it_is(two, monkeypatch):
    known("health", number="+447700900777")
    monkeypatch.setattr(twins, "CHUNK", 1)

    def cut_off(done: int, total: int) -> None:
        assert (done, total) == (1, 3)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        twins.sweep(at=world.after(60), told=cut_off)
    begun = Sweep.objects.get()
    assert (begun.looked, begun.total, begun.ended_at) == (1, 3, None)
    told: list[tuple[int, int]] = []
    done = twins.sweep(at=world.after(90), told=lambda *said: told.append(said))
    assert (told[:2], done.looked, done.is_done) == ([(2, 3), (3, 3)], 2, True)
    assert Sweep.objects.get().looked == 3
    assert Twins.objects.count() == 3


def test_how_far_a_long_look_is_stands_in_a_log_too_once_a_minute(capsys, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(command.time, "monotonic", lambda: now[0])
    told = command._progress("descriptions")
    for minute in range(4):
        now[0] = minute * 40.0
        told(minute * 1000, 10_000)
    assert capsys.readouterr().err == "2,000 of 10,000 descriptions\n"


def test_the_command_and_the_nightly_task_look_in_transactions_of_their_own(clone, capsys):
    with scope.use("northmoor"), transaction.atomic():
        known("records")
        known("housing", number=OTHER)
    assert command.look_for_twins(force="northmoor") == 0
    assert "1 pair proposed" in capsys.readouterr().out
    with scope.use("northmoor"), transaction.atomic():
        assert the_pair().source == "night"
        known("health", number="+447700900777")
    tasks.look_for_twins(timestamp=0)
    tasks.count(timestamp=0)
    with scope.use("northmoor"), transaction.atomic():
        assert Twins.objects.count() == 3
    assert command.look_for_twins(force="nowhere") == 2


def test_namesakes_born_on_other_days_are_not_proposed(northmoor):
    known("records")
    known("housing", born=date(1951, 8, 2), number=OTHER)
    assert twins.sweep(at=world.after(60)).proposed == 0


def test_a_father_and_a_son_of_one_name_at_one_address_are_not_proposed_without_a_date_of_birth(northmoor):
    place = world.a_place("3 Mill Lane").pk
    known("records", born=None, place=place)
    known("housing", born=date(2009, 1, 5), place=place, family="Whitcombe")
    Description.objects.filter(source="records").update(given="john")
    assert twins.sweep(at=world.after(60)).proposed == 0


def test_read_as_one_both_numbers_find_her_with_the_flags_of_both(two):
    police, housing = two
    mark = Marker.objects.create(
        person=police, kind="domestic_abuse", level=1, title="Domestic abuse", text="MARAC.", source="records",
        since_date=BORN, review_by_date=date(2030, 1, 1),
    )  # fmt: skip
    call = world.an_answered_call(number=OTHER)
    assert mark not in queries.markers(call)
    twins.sweep(at=world.after(60))
    twins.hold_same(twins=the_pair().pk, because=WHY, by=BY, at=world.after(70))
    (who,) = queries.candidates(call, on=call.day)
    assert who.person == min(police.pk, housing.pk)
    assert who.tier in ("known", "likely")
    assert mark in queries.markers(call)
    assert mark in queries.markers_among([call])[call.pk]
    (flag,) = flags.of(call, at=world.after(80), permissions={"identity.see_protected"})
    assert not flag.silence or "other people" not in str(flag.silence), "her own other record is nobody else"
    assert {one.value for one in people.known_of(who.person) if one.label == "Number"} == {"07700 900417", "07700 900555"}


def test_looking_back_shows_what_was_held_then(two):
    police, _ = two
    mark = Marker.objects.create(
        person=police, kind="domestic_abuse", level=1, title="Domestic abuse", text="MARAC.", source="records",
        since_date=BORN, review_by_date=date(2030, 1, 1),
    )  # fmt: skip
    call = world.an_answered_call(number=OTHER)
    twins.look(police.pk, at=world.after(60))
    pair = the_pair()
    twins.hold_same(twins=pair.pk, because=WHY, by=BY, at=world.after(100))
    twins.take_back(twins=pair.pk, because="Two women, says housing.", by=BY, at=world.after(200))
    then = queries.markers_then([(call, world.after(s)) for s in (50, 150, 250)])
    assert [mark in found for found in then] == [False, True, False]


def test_taken_back_each_record_has_what_it_had(two):
    before = state()
    twins.sweep(at=world.after(60))
    pair = the_pair()
    twins.hold_same(twins=pair.pk, because=WHY, by=BY, at=world.after(70))
    assert state() != before
    twins.take_back(twins=pair.pk, because="Two women, says housing.", by=BY, at=world.after(80))
    assert state() == before
    assert the_pair().pk != pair.pk, "the pair is open again"
    kinds = [fact.kind for fact in Fact.objects.filter(kind__in=("HeldSame", "JudgementTakenBack")).order_by("pk")]
    assert kinds == ["HeldSame", "JudgementTakenBack"]


def test_what_was_confirmed_while_they_were_one_stays_with_whom_it_was_confirmed_for(two):
    twins.sweep(at=world.after(60))
    pair = the_pair()
    twins.hold_same(twins=pair.pk, because=WHY, by=BY, at=world.after(70))
    call = world.an_answered_call(number="", at=world.after(80))
    contacts.say_name(contact=call.pk, name="Leanne Whitcombe", by=BY, at=world.after(81))
    link = actions.confirm(contact=call.pk, person=pair.other_id, by=BY, at=world.after(82))
    assert link.person_id == pair.one_id, "the record that stands for her"
    twins.take_back(twins=pair.pk, because="Two women, says housing.", by=BY, at=world.after(90))
    assert Link.objects.get(pk=link.pk).person_id == pair.one_id
    assert Description.objects.get(contact=call).person_id == pair.one_id


def test_two_people_are_not_proposed_again_and_may_not_be_held_one_before_that_is_taken_back(two):
    twins.sweep(at=world.after(60))
    pair = the_pair()
    twins.hold_apart(twins=pair.pk, because="Sisters-in-law of one name.", by=BY, at=world.after(70))
    assert twins.look(two[0].pk, at=world.after(80)) == 0
    with pytest.raises(Refused):
        twins.hold_same(twins=pair.pk, because=WHY, by=BY, at=world.after(85))
    with pytest.raises(Refused):
        twins.hold_apart(twins=Twins.objects.create(
            one=two[0], other=two[1], source="look", found_at=world.NIGHT, undone_at=world.NIGHT
        ).pk, because=WHY, by=BY, at=world.after(90))  # fmt: skip


def test_who_was_held_apart_from_one_record_is_not_proposed_beside_another_of_the_same_person(two):
    police, housing = two
    third = known("health", number="+447700900777")
    apart = Twins.objects.create(one=housing, other=third, source="look", found_at=world.NIGHT)
    twins.hold_apart(twins=apart.pk, because="Sisters-in-law of one name.", by=BY, at=world.after(70))
    same = Twins.objects.create(one=police, other=third, source="look", found_at=world.NIGHT)
    twins.hold_same(twins=same.pk, because=WHY, by=BY, at=world.after(80))
    assert twins.look(police.pk, at=world.after(90)) == 0
    assert twins.look(housing.pk, at=world.after(90)) == 0


def test_no_judgement_without_a_reason(two):
    twins.sweep(at=world.after(60))
    for judge in (twins.hold_same, twins.hold_apart):
        with pytest.raises(Invalid):
            judge(twins=the_pair().pk, because="ok", by=BY, at=world.after(70))


def test_nobody_of_another_force_is_proposed(two, southmere):
    known("records")
    assert twins.sweep(at=world.after(60)).proposed == 0
    with scope.use("northmoor"):
        assert twins.sweep(at=world.after(60)).proposed == 1


def state() -> tuple:
    return (
        list(Person.objects.order_by("pk").values_list("pk", "same_as_id")),
        list(Description.objects.order_by("pk").values_list("pk", "person_id")),
        list(Link.objects.filter(undone_at=None).order_by("pk").values_list("pk", "person_id")),
    )


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_in_whatever_order_they_are_held_one_and_taken_back_the_end_is_the_beginning(northmoor, data):
    sid = transaction.savepoint()
    finding.relearn()
    everybody = [known(f"source {n}", number=f"+4477009004{n}0") for n in range(4)]
    before, held, at = state(), [], 100
    for one, other in data.draw(st.permutations([(0, 1), (2, 3), (1, 2), (0, 3)])):
        pair = Twins.objects.create(one=everybody[one], other=everybody[other], source="look", found_at=world.NIGHT)
        try:
            held.append(twins.hold_same(twins=pair.pk, because=WHY, by=BY, at=world.after(at := at + 1)).pk)
        except Refused:
            pair.delete()
    judged, mine = Twins.objects.in_bulk(held), Person.objects.filter(pk__in=[person.pk for person in everybody])
    for pk in data.draw(st.permutations(held)):
        assert not Person.objects.filter(same_as__same_as__isnull=False).exists(), "no chain"
        assert groups(mine.values_list("pk", "same_as_id")) == hanging_together(everybody, judged.values())
        twins.take_back(twins=pk, because="It was not so after all.", by=BY, at=world.after(at := at + 1))
        del judged[pk]
    assert state() == before
    transaction.savepoint_rollback(sid)


def groups(rows) -> set[frozenset[int]]:
    found: dict[int, set[int]] = {}
    for pk, head in rows:
        found.setdefault(head or pk, set()).add(pk)
    return {frozenset(group) for group in found.values()}


def hanging_together(everybody, judged) -> set[frozenset[int]]:
    """By another way: walk from each along the pairs."""
    beside = {person.pk: set() for person in everybody}
    for pair in judged:
        beside[pair.one_id].add(pair.other_id)
        beside[pair.other_id].add(pair.one_id)
    found = set()
    for start in beside:
        seen, todo = {start}, [start]
        while todo:
            todo += (new := beside[todo.pop()] - seen)
            seen |= new
        found.add(frozenset(seen))
    return found
