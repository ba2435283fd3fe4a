"""Which evidence may be lost, and is it secured? Written at first contact, or taken from what an answer proposes (R57).

Nothing is added by itself: an answer only proposes. What perishes and is not secured is owed, by whoever holds the risk, until
the earliest of its times; it is owed on the contact while there is no log, and on the log as soon as there is one.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Min, QuerySet

from watchroom.assessment import queries as assessment
from watchroom.assessment import scene
from watchroom.assessment.models import AnswerGiven
from watchroom.contacts.models import Contact
from watchroom.duties import actions as duties
from watchroom.duties import queries as owed
from watchroom.foundation import digest, facts
from watchroom.foundation.errors import Invalid, Refused
from watchroom.incidents import facts as tells
from watchroom.incidents import queries
from watchroom.incidents.models import Evidence, Incident

LONGEST_H = 8760  # hours; what keeps for a year is not perishable
LENGTHS = {"what": 200, "where": 200, "holder": 120, "keep": 300}


def of(contacts: QuerySet[Contact] | list[int]) -> QuerySet[Evidence]:
    """What was noted, oldest first."""
    return Evidence.objects.filter(contact__in=contacts).order_by("at", "pk")


def of_log(incident: int) -> QuerySet[Evidence]:
    return of(queries.contacts_of(incident))


def proposed(contact: int) -> list[tuple[scene.Proposal, datetime]]:
    """What the answers propose and nobody has taken yet, each with when it was answered."""
    sets, taken = assessment.library(), set(of([contact]).values_list("source", flat=True))
    of_each = assessment.answers_given(contact)  # first: what is answered between the two questions has its time in the second
    answered = {(row.asking, row.question): row.at for row in AnswerGiven.objects.filter(contact_id=contact).order_by("at", "pk")}
    return [
        (one, answered[code, one.source.split(".")[1]])
        for code, given in of_each.items()
        if code in sets
        for one in scene.proposals(sets[code], given)
        if one.source not in taken
    ]


def words(row: Evidence) -> tuple[str, str, str, str]:
    """What the fact's digest is of."""
    return row.what, row.where, row.holder, row.keep


def note(
    *,
    contact: int,
    what: str,
    by: str,
    at: datetime,
    where: str = "",
    holder: str = "",
    keep: str = "",
    lasts_h: int | None = None,
    origin: str = "handler",
) -> Evidence:
    """Somebody heard of evidence that may be lost. `lasts_h`: for so many hours from now; None: it does not perish by itself."""
    given = {"what": what, "where": where, "holder": holder, "keep": keep}
    for name, text in given.items():
        if len(text) > LENGTHS[name] or "\0" in text:
            raise Invalid(**{name: f"Up to {LENGTHS[name]} ordinary characters fit here."})
    if len(what.strip()) < 3:
        raise Invalid(what="Say what it is.")
    if lasts_h is not None and not 0 < lasts_h <= LONGEST_H:
        raise Invalid(lasts_h=f"Give hours from 1 to {LONGEST_H:,}, or leave it empty.")
    until = None if lasts_h is None else at + timedelta(hours=lasts_h)
    return _note(contact, given, until=until, source="", origin=origin, by=by, at=at)


def take(*, contact: int, source: str, by: str, at: datetime) -> Evidence:
    """Take what an answer proposes into the log. Taken twice, it stands there once. Raises Invalid for what is not proposed (any more)."""
    if earlier := Evidence.objects.filter(contact_id=contact, source=source).exclude(source="").first():
        return earlier
    found = next((pair for pair in proposed(contact) if pair[0].source == source), None)
    if found is None:
        raise Invalid(source="No answer proposes this any more.")
    one, answered_at = found
    given = {"what": one.what, "where": "", "holder": "", "keep": one.keep}
    return _note(contact, given, until=one.until(answered_at), source=source, origin="handler", by=by, at=at)


def _note(
    contact: int, given: dict[str, str], *, until: datetime | None, source: str, origin: str, by: str, at: datetime
) -> Evidence:
    with transaction.atomic():
        row = Contact.objects.select_for_update(of=("self",)).get(pk=contact)
        plain = {name: text.strip() for name, text in given.items()}
        kept = Evidence.objects.create(contact=row, **plain, perishable_until=until, source=source, origin=origin, by=by, at=at)
        sealed = digest.of(row.secret, *words(kept))
        facts.tell(
            tells.EvidenceNoted(contact=row.pk, evidence=kept.pk, source=source, perishable_until=until, digest=sealed),
            by=by,
            at=at,
        )
        _owe_for(row.pk, by=by, at=at)
        return kept


def settle(*, evidence: int, state: str, outcome: str, by: str, at: datetime) -> Evidence:
    """It is secured, or it cannot be had; how, or why, in words. Said once; a correction is a line of the log."""
    if state not in (Evidence.State.SECURED, Evidence.State.LOST):
        raise Invalid(state="Say whether it is secured or cannot be had.")
    if len(outcome.strip()) < 3:
        raise Invalid(outcome="Say how it is secured, or why it cannot be had.")
    if len(outcome) > 300 or "\0" in outcome:
        raise Invalid(outcome="Up to 300 ordinary characters fit here.")
    with transaction.atomic():
        row = Evidence.objects.select_for_update(of=("self",)).select_related("contact").get(pk=evidence)
        if not row.is_open:
            raise Refused("That was said already; the log says by whom.")
        row.state, row.outcome, row.settled_by, row.settled_at = state, outcome.strip(), by, at
        row.save(update_fields=["state", "outcome", "settled_by", "settled_at"])
        sealed = digest.of(row.contact.secret, row.outcome)
        facts.tell(tells.EvidenceSettled(contact=row.contact_id, evidence=row.pk, state=state, digest=sealed), by=by, at=at)
        _owe_for(row.contact_id, by=by, at=at)
        return row


# --- what is owed


def move_to(incident: Incident, *, contact: int, by: str, at: datetime) -> None:
    """The contact belongs to a log now: what was owed on it is owed on the log."""
    duties.settle("evidence", subject=("contact", contact), by=by, at=at)
    owe(incident, by=by, at=at)


def owe(incident: Incident, *, by: str, at: datetime) -> None:
    """By whoever holds the risk, until the earliest time of what is not secured."""
    due = _earliest(of_log(incident.pk))
    _set(("incident", incident.pk), due if incident.is_open else None, owner=incident.risk_holder, by=by, at=at)


def _owe_for(contact: int, *, by: str, at: datetime) -> None:
    if incident := queries.of_contact(contact):
        owe(incident, by=by, at=at)
        return
    row = Contact.objects.select_related("owner").get(pk=contact)
    _set(("contact", contact), _earliest(of([contact])), owner=row.owner.code if row.owner else "desk:contact", by=by, at=at)


def _earliest(rows: QuerySet[Evidence]) -> datetime | None:
    open_rows = rows.order_by().filter(state=Evidence.State.OPEN)
    found: datetime | None = open_rows.aggregate(due=Min("perishable_until"))["due"]
    return found


def _set(subject: tuple[str, int], due: datetime | None, *, owner: str, by: str, at: datetime) -> None:
    standing = owed.open_for(subject).filter(kind="evidence").first()
    if standing and standing.due_at == due:
        return
    if standing and (due is None or due > standing.due_at):  # what was most urgent is done
        duties.settle("evidence", subject=subject, by=by, at=at)
    if due:
        duties.owe(kind="evidence", subject=subject, owner=owner, due_at=due, by=by, at=at)
