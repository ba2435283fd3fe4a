"""Did it hold? Somebody asks some days later, and whoever is in touch again soon is noticed (R92)."""

from datetime import datetime

from django.db import transaction

from watchroom.contacts.models import Contact
from watchroom.contacts.queries import told_of
from watchroom.duties import actions as duties
from watchroom.force import queries as force
from watchroom.foundation import facts
from watchroom.foundation.errors import Refused
from watchroom.foundation.facts import Told
from watchroom.incidents.models import Incident
from watchroom.resolution import facts as tells
from watchroom.resolution import queries, rules
from watchroom.resolution.models import FollowUp, Repeat

DESK = "desk:resolution"
MAX_TEXT = 4000


def owe_follow_up(row: Incident, *, outcome: str, contact: Contact | None, by: str, at: datetime) -> FollowUp | None:
    """Some days later somebody asks “would you need us again?”; nobody where the policy asks nobody."""
    due_at = rules.follow_up_at(at, force.policy_at(at).policy)
    if due_at is None or FollowUp.objects.filter(incident=row, answered_at=None).exists():
        return None
    follow_up = FollowUp.objects.create(incident=row, outcome=outcome, contact=contact, due_at=due_at, at=at)
    duties.owe(kind="follow_up", subject=("follow_up", follow_up.pk), owner=DESK, due_at=due_at, by=by, at=at)
    return follow_up


def follow_up(*, follow_up: int, answer: str, by: str, at: datetime, text: str = "") -> FollowUp:
    """What they said, in one of the coded answers. A repeat changes nothing."""
    with transaction.atomic():
        row = FollowUp.objects.select_for_update(of=("self",)).select_related("contact").get(pk=follow_up)
        if row.answered_at is not None:
            return row
        safe = row.contact.safe_contact if row.contact else "unknown"
        problems = rules.may_answer_follow_up(answer, text, safe_contact=safe)
        if problems:
            raise Refused(*problems)
        row.answer, row.text, row.answered_by, row.answered_at = answer, text.strip()[:MAX_TEXT], by, at
        row.save(update_fields=["answer", "text", "answered_by", "answered_at"])
        duties.settle("follow_up", subject=("follow_up", row.pk), by=by, at=at)
        facts.tell(tells.FollowedUp(incident=row.incident_id, follow_up=row.pk, answer=answer), by=by, at=at)
        return row


def notice_repeat(told: Told) -> None:
    """Reaction: somebody is in touch, and something was resolved for them without anyone shortly before (R92).

    Asked when a contact arrives, its place is picked, its person confirmed, or its log opened. A repeat of the same is kept once.
    """
    contact = told_of(told)
    for incident, (resolution, same) in queries.resolved_before(contact, at=told.at).items():
        days = (contact.received_at - resolution.at).days
        _, is_new = Repeat.objects.get_or_create(
            contact=contact, incident_id=incident, defaults={"same": same, "days": days, "at": contact.received_at}
        )
        if is_new:
            facts.tell(
                tells.RepeatAfterResolution(contact=contact.pk, incident=incident, same=same, days=days),
                by="system:resolution",
                at=told.at,
            )
