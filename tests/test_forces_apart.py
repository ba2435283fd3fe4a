"""Does any force see another's rows? Not by the application's role in raw SQL, not by a foreign key, not without a scope."""

from datetime import timedelta

import psycopg
import pytest
from django.db import IntegrityError, ProgrammingError, connection, connections, transaction

from tests import world
from watchroom.contacts import actions as contacts
from watchroom.contacts.models import Contact
from watchroom.foundation import clock, models, protect, scope
from watchroom.identity.models import Marker
from watchroom.links.social import actions as social
from watchroom.links.social import protocol, publishing
from watchroom.links.texts import actions as texts
from watchroom.referrals.forces import document as crossing
from watchroom.referrals.forces import receiving, sending


def counts() -> dict[str, int]:
    with connection.cursor() as cursor:
        found = {}
        for model in protect.scoped_models():
            if not getattr(model, "write_only", False):
                cursor.execute(f"select count(*) from {model._meta.db_table}")
                found[model._meta.db_table] = cursor.fetchone()[0]
        return found


@pytest.fixture
def both(db):
    """A whole journey in Northmoor; nothing in Southmere but what every force has."""
    with scope.use("northmoor"):
        world.a_whole_journey()


def test_raw_sql_under_the_applications_role_shows_no_row_of_another_force(both):
    with scope.use("northmoor"):
        assert counts()["contacts_contact"] == 1
    with scope.use("southmere"):
        found = counts()
        assert {table for table, number in found.items() if number} <= {
            "foundation_head",
            "foundation_fact",
            "foundation_seal",
            "force_policyversion",
        }
        with connection.cursor() as cursor:
            cursor.execute("select distinct force from foundation_fact")
            assert [row[0] for row in cursor.fetchall()] in ([], ["southmere"])


BETWEEN = {"referrals_toforce", "referrals_fromforce"}
OUTSIDE = {"links_social_message", "links_social_reply", "links_social_post", "links_texts_text", "links_texts_gateway"}


@pytest.fixture
def in_touch(db):
    """In Northmoor: one contact handed over and one that came, a message and an answer on social media, a post, and a text."""
    at = clock.now()
    with scope.use("northmoor"):
        call = world.an_answered_call(number="07700 900417", at=at - timedelta(seconds=30))
        contacts.say_safe_contact(contact=call.pk, safe="any", by="staff:1", at=at)
        said = {
            "because": "She stands at Southmere pier.",
            "risk": "He says that he will push her in.",
            "by": "staff:1",
            "at": at,
        }
        sent = sending.hand_over(contact=call.pk, to="southmere", **said)
        came = crossing.Message(key="ab" * 16, is_recalled=False, document=crossing.Document.model_validate(sent.document))
        receiving.take(message=came, sender="link:farshire", at=at)
        texts.fetch(by="link:texter", at=at)
        texts.write(contact=call.pk, text="NHS 111", by="staff:1", at=at)
        message = {
            "protocol": "watchroom-social/1", "platform": "harbourly", "id": "m1", "conversation": "c1", "text": "Help.",
            "from": {"account": "@ann"}, "sent_at": at,
        }  # fmt: skip
        row, _ = social.receive(message=protocol.Message.model_validate(message), at=at)
        ola = world.a_member("ola", "handler")
        contacts.answer(contact=row.pk, member=ola, by=ola.code, at=at)
        contacts.say_safe_contact(contact=row.pk, safe="any", by=ola.code, at=at)
        social.reply(contact=row.pk, text="We are here.", by=ola.code, at=at)
        publishing.write(kind="appeal", text="Who saw a red car?", by=ola.code, at=at)


def test_what_goes_between_forces_by_social_media_or_by_text_is_seen_by_none_but_its_own(in_touch):
    with scope.use("northmoor"):
        assert {table for table, number in counts().items() if number} >= BETWEEN | OUTSIDE
    with scope.use("southmere"):
        found = counts()
    nobodys = counts()
    for table in BETWEEN | OUTSIDE:
        assert (found[table], nobodys[table]) == (0, 0), table


def test_without_a_scope_there_is_not_a_single_row(both):
    assert set(counts().values()) == {0}


def test_a_row_cannot_be_written_for_another_force(both):
    with scope.use("southmere"), pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        Contact.everywhere.bulk_create(
            [
                Contact(
                    force="northmoor",
                    number=9,
                    day="2026-01-01",
                    channel="999",
                    transferred_at=world.NIGHT,
                    received_at=world.NIGHT,
                )
            ]
        )


def test_a_row_cannot_be_written_without_a_force(both):
    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        Contact.everywhere.bulk_create(
            [Contact(number=9, day="2026-01-01", channel="999", transferred_at=world.NIGHT, received_at=world.NIGHT)]
        )


def test_a_row_cannot_be_moved_to_another_force(both):
    with scope.use("northmoor"), pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        connection.cursor().execute("update contacts_contact set force = 'southmere'")


def test_a_foreign_key_cannot_cross_although_its_own_check_would_let_it(both):
    with scope.use("northmoor"):
        place = world.a_place().pk
    with scope.use("southmere"), pytest.raises(IntegrityError), transaction.atomic():  # noqa: PT012 - the key is checked at the end
        Marker.objects.create(
            kind="blades",
            level=1,
            title="x",
            text="x",
            place_id=place,
            source="x",
            since_date="2026-01-01",
            review_by_date="2027-01-01",
        )
        connection.cursor().execute("set constraints all immediate")


def test_a_missing_composite_key_is_noticed(clone, as_owner):
    as_owner.execute("alter table identity_marker drop constraint identity_marker_place_id_force")
    assert any("identity_marker.place_id" in problem for problem in protect.problems())


def test_a_table_whose_protection_was_switched_off_is_noticed(clone, as_owner):
    as_owner.execute("alter table contacts_contact no force row level security")
    assert any("contacts_contact" in problem for problem in protect.problems())


@pytest.mark.parametrize("is_first", [True, False])
def test_work_outside_a_transaction_is_an_error_and_not_an_empty_answer(clone, is_first):
    if is_first:  # of a process: it has not even connected
        connection.close()
        connections["default"].__dict__.pop("pg_version", None)
    with scope.use("northmoor"), pytest.raises(scope.NoScope):
        Contact.objects.count()


def test_a_scope_ends_with_its_block(both):
    with scope.use("northmoor"):
        assert Contact.objects.count() == 1
        with scope.use("southmere"):
            assert Contact.objects.count() == 0
        assert Contact.objects.count() == 1
    with pytest.raises(scope.NoScope):
        Contact.objects.count()


def test_who_consulted_whom_can_be_written_and_not_read_by_the_application(northmoor):
    from watchroom.foundation import access

    access.log("consultation", subject=("person", 1), reason="opened", by="staff:1", at=world.NIGHT)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        models.Access.objects.count()


def test_the_application_cannot_become_somebody_who_sees_all(clone):
    with pytest.raises((ProgrammingError, psycopg.Error)), transaction.atomic():
        connection.cursor().execute("set role watchroom_owner")
