"""What an action asks once is never what it has changed itself, nor what another transaction or force was told."""

import contextlib
import itertools
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests import world
from watchroom.contacts.models import Contact
from watchroom.force import actions as forces
from watchroom.force import packs
from watchroom.force import queries as force
from watchroom.foundation import memory, scope


def adopt(title: str) -> int:
    policy = packs.national()
    meta = policy.meta.model_copy(update={"title": title})
    return forces.adopt(policy=policy.model_copy(update={"meta": meta}), by="system:tests", at=world.NIGHT).number


class Regretted(Exception):
    pass


def number() -> int:
    return force.policy_at(world.after(60)).number


def test_a_policy_is_asked_for_once_in_a_transaction(clone, django_assert_num_queries):
    with scope.use("northmoor"), transaction.atomic():
        number()
        with django_assert_num_queries(0):
            assert number() == number()


def test_a_policy_adopted_in_the_same_transaction_holds_at_once_and_is_forgotten_with_it(clone):
    with scope.use("northmoor"), transaction.atomic():
        before = number()
        try:
            with transaction.atomic():
                assert adopt("Tried") == number() == before + 1
                raise Regretted
        except Regretted:
            assert number() == before
        assert force.policy_at(world.NIGHT - timedelta(days=30)).number == before
    try:
        with scope.use("northmoor"), transaction.atomic():
            adopt("Tried again")
            raise Regretted
    except Regretted:
        pass
    with scope.use("northmoor"), transaction.atomic():
        assert number() == before
        adopt("Meant")
        assert number() == before + 1


def test_each_force_remembers_its_own(clone):
    with scope.use("northmoor"), transaction.atomic():
        ours = number()
        with scope.use("southmere"):
            adopt("Theirs")
            theirs = adopt("Theirs, again")
            assert number() == theirs
        assert number() == ours != theirs


# --- While a page is only read


@memory.while_reading
def asked(contact: Contact, *, at: datetime, kinds: frozenset[str] = frozenset()) -> list[int]:
    return [next(ticks)]


ticks = itertools.count()


def test_a_page_that_is_only_read_asks_the_same_once_and_an_act_asks_anew(northmoor):
    contact = world.a_call()
    now = world.after(10)
    with memory.reading():
        first = asked(contact, at=now)
        assert asked(Contact.objects.get(pk=contact.pk), at=now + timedelta(milliseconds=400)) is first
        assert asked(contact, at=now + timedelta(seconds=1)) != first
        assert asked(contact, at=now, kinds=frozenset({"x"})) != first
        assert asked(world.a_call(), at=now) != first
    with memory.reading():
        assert asked(contact, at=now) != first  # another page
    assert asked(contact, at=now) != asked(contact, at=now)


def test_what_was_read_before_a_savepoint_was_rolled_back_is_read_anew(northmoor):
    contact = world.a_call()
    with memory.reading():
        first = asked(contact, at=world.NIGHT)
        with contextlib.suppress(Regretted), transaction.atomic():
            raise Regretted
        assert asked(contact, at=world.NIGHT) != first


def test_a_handlers_page_asks_the_same_of_the_database_once(northmoor):
    """A bound, so that a panel that asks everything for itself again is noticed."""
    client = world.signed_in()
    contact = world.an_answered_call()
    world.an_incident(contact=contact)
    client.get(f"/desk/{contact.pk}/")
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/desk/{contact.pk}/").status_code == 200
    assert len(queries) <= 77


def test_an_act_shows_what_it_changed_itself(northmoor):
    client = world.signed_in()
    contact = world.an_answered_call()
    for number in (1, 2):
        client.post(
            f"/incidents/of/{contact.pk}/line/", {"text": f"Said {number}.", "key": f"k{number}"}, headers={"HX-Request": "true"}
        )
        assert f"Said {number}." in client.get(f"/incidents/of/{contact.pk}/log/").content.decode()


def test_a_call_is_received_in_few_statements(northmoor):
    """A bound, so that a reaction that asks everything for itself is noticed: a force receives one call after another."""
    world.a_call()
    with CaptureQueriesContext(connection) as queries:
        world.a_call(text="Somebody is trying car doors in the street.")
    assert len(queries) <= 33
    assert sum("statement_timeout" in one["sql"] for one in queries) == 4, "said once for all reactions to a fact"
