"""Two presses of Send in the same instant are one report; what cannot be sent is still there."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections, transaction

from watchroom.contacts.models import Contact
from watchroom.foundation import clock, scope
from watchroom.foundation.errors import Invalid, Refused
from watchroom.portal import actions, queries, seal
from watchroom.portal.models import Receipt

SAID = {"text": "Someone took my bicycle.", "safe": "any", "phone": "07700 900417"}


def test_two_threads_that_send_one_visit_get_one_code(clone: str) -> None:
    with scope.use("northmoor"), transaction.atomic():
        secret = actions.keep(secret=None, answers=SAID, at=clock.now())

    def send(_: int) -> str:
        try:
            with scope.use("northmoor"), transaction.atomic():
                return actions.send(secret=secret, at=clock.now()).code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        codes = set(pool.map(send, range(8)))
    assert len(codes) == 1
    with scope.use("northmoor"), transaction.atomic():
        assert (Contact.objects.count(), Receipt.objects.count()) == (1, 1)


def test_a_report_without_words_is_refused_and_kept(northmoor: str) -> None:
    at = clock.now()
    secret = actions.keep(secret=None, answers={"safe": "no"}, at=at)
    with pytest.raises(Invalid):
        actions.send(secret=secret, at=at)
    assert queries.answers(secret, at=at).values == {"safe": "no"}


def test_what_was_forgotten_cannot_be_sent(northmoor: str) -> None:
    secret = actions.keep(secret=None, answers=SAID, at=clock.now())
    actions.forget(secret=secret)
    with pytest.raises(Refused):
        actions.send(secret=secret, at=clock.now())


def test_another_secret_opens_nothing(northmoor: str) -> None:
    sealed = seal.close("a" * 43, SAID)
    assert seal.open_("a" * 43, sealed) == SAID
    assert seal.open_("b" * 43, sealed) == {}
    assert seal.close("a" * 43, SAID) != sealed


def test_only_the_default_is_kept_when_a_later_room_asks(northmoor: str) -> None:
    at = clock.now()
    secret = actions.keep(secret=None, answers={"text": "Someone took my bicycle."}, at=at)
    actions.send(secret=secret, at=at)
    assert Contact.objects.get().safe_contact == "no"
