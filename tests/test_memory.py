"""What an action asks once is never what it has changed itself, nor what another transaction or force was told."""

from datetime import timedelta

from django.db import transaction

from tests import world
from watchroom.force import actions as forces
from watchroom.force import packs
from watchroom.force import queries as force
from watchroom.foundation import scope


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
