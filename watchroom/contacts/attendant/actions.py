"""A caller is in the attendant's menu, hears something, chooses, and is put into the queue: each is a stage of the contact (R17, R20)."""

from datetime import datetime, timedelta

from django.db import transaction

from watchroom.contacts import actions as contacts
from watchroom.contacts import stages
from watchroom.contacts.attendant import rules
from watchroom.contacts.models import Contact
from watchroom.force import queries as force


def enter(*, contact: int, by: str, at: datetime) -> bool:
    """They are in the menu, in the transaction that receives the call: so that no desk rings meanwhile. Returns whether they meet it.

    Not longer than the policy's time: whatever becomes of the exchange, after that they are in the queue.
    """
    with transaction.atomic():
        row = Contact.objects.select_for_update(of=("self",)).get(pk=contact)
        policy = force.policy_at(at).policy
        if row.state != Contact.State.WAITING or not rules.attends(row.channel, row.caller_number, policy):
            return False
        row.menu_until = at + timedelta(seconds=policy.attendant.longest_s)
        row.save(update_fields=["menu_until"])
        stages.mark(contact=row.pk, stage="menu", by=by, at=at)
        return True


def announced(*, contact: int, by: str, at: datetime) -> None:
    stages.mark(contact=contact, stage="announced", by=by, at=at)


def chose(*, contact: int, menu: str, by: str, at: datetime) -> None:
    """It stands in the log, so that whoever answers need not ask again; who has the skill that it asks for is offered it first."""
    policy = force.policy_at(at).policy
    for label in rules.labels([menu], policy):
        contacts.write(contact=contact, text=f"Chose by key: {label}.", origin="system", by=by, at=at, written_at=at)
    if skill := rules.skill(menu, policy):
        with transaction.atomic():
            row = Contact.objects.select_for_update(of=("self",)).get(pk=contact)
            row.needs = {**row.needs, skill: 1}
            row.save(update_fields=["needs"])


def queued(*, contact: int, by: str, at: datetime) -> None:
    """They are through, and in the queue of those who answer. A repeat changes nothing."""
    with transaction.atomic():
        row = Contact.objects.select_for_update(of=("self",)).get(pk=contact)
        if row.menu_until is not None:
            row.menu_until = None
            row.save(update_fields=["menu_until"])
            stages.mark(contact=row.pk, stage="queued", by=by, at=at)
