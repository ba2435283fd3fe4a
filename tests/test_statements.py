"""A statement that is written once answers as the query it was made of would, each time anew, and for the force in scope."""

import pytest
from django.db.models import BooleanField, ExpressionWrapper, Q

from tests import world
from watchroom.contacts.models import Contact
from watchroom.foundation import scope
from watchroom.foundation.statements import among, statement
from watchroom.staff.models import Member

written = []


def of(number: str | None, pk: int | None):
    written.append((number, pk))
    is_called = ExpressionWrapper(Q(caller_number=number), output_field=BooleanField())
    rows = Contact.objects.filter(Q(caller_number=number) | Q(pk=pk)).select_related("place__beat", "owner").order_by("pk")
    return rows.annotate(is_called=is_called)


contacts = statement(of)


@statement
def skills(people: list[int]):
    return Member.objects.filter(pk=among(people)).order_by("pk").values_list("name", "skills")


@statement
def names(people: list[int]):
    return Member.objects.filter(pk=among(people)).order_by("pk").values_list("name", flat=True)


def seen(row):
    columns = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return columns, row.place and row.place.beat.name, row.owner and row.owner.name, bool(row.is_called)


def test_it_answers_as_the_query_does_and_is_written_once(northmoor):
    first = world.an_answered_call(place=world.a_place())
    world.a_call(number="07700 900555", located=(1.5, 2.5, 30.0, "aml"))
    asked = [(first.caller_number, None), ("+447700900555", first.pk), (None, None), ("+440", 0), (None, first.pk)]
    del written[:]
    for each in asked:
        assert [seen(row) for row in contacts(*each)] == [seen(row) for row in of(*each)]
        assert [row.pk for row in contacts(number=each[0], pk=each[1])] == [row.pk for row in of(*each)]
    assert len(written) == 1 + 2 * len(asked), "once for itself, and once for each plain query beside it"
    assert contacts.first(None, 0) is None
    found = contacts.first(None, first.pk)
    assert found == first
    found.reason = "opening_hours"
    found.save(update_fields=["reason"])
    assert contacts.first(None, first.pk).reason == "opening_hours", (
        "it is asked anew each time, and what it answers with can be kept"
    )


def test_lists_and_values_go_in_and_come_out(northmoor):
    bryn, hana = world.a_member("bryn"), world.a_member("hana", "handler")
    Member.objects.filter(pk=hana.pk).update(skills={"welsh": 2})
    assert skills([bryn.pk, hana.pk]) == [("bryn", {}), ("hana", {"welsh": 2})]
    assert names([hana.pk]) == ["hana"]
    assert names([]) == []


def test_the_force_is_the_one_in_scope_whoever_asked_first(northmoor):
    ours = world.a_member("bryn")
    assert names([ours.pk]) == ["bryn"]
    with scope.use("southmere"):
        theirs = world.a_member("olwen", "handler")
        assert names([ours.pk, theirs.pk]) == ["olwen"]
        assert "force" in names.written.sql
    assert names([ours.pk, theirs.pk]) == ["bryn"]
    with pytest.raises(scope.NoScope):
        outside()


def outside():
    token = scope._force.set(None)
    try:
        names([1])
    finally:
        scope._force.reset(token)


def test_rows_are_objects_or_values_and_nothing_else(northmoor):
    with pytest.raises(TypeError):
        statement(lambda pk: Member.objects.filter(pk=pk).values("name"))(1)


@statement
def by_key(pk: int):
    return Member.objects.filter(pk=pk)


def test_the_one_row_of_a_key_or_what_django_raises_and_never_another_forces(northmoor, southmere):
    with scope.use(northmoor):
        bryn = world.a_member("bryn")
        assert by_key.get(bryn.pk) == bryn
        with pytest.raises(Member.DoesNotExist):
            by_key.get(0)
    with scope.use(southmere), pytest.raises(Member.DoesNotExist):
        by_key.get(bryn.pk)
