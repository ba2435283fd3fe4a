"""Who is who in an incident: each person's part in it, which says nothing of them in any other."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from watchroom.force import queries as force
from watchroom.foundation import digest, facts
from watchroom.foundation.errors import Invalid
from watchroom.foundation.facts import Told
from watchroom.identity import facts as people
from watchroom.identity.models import Person
from watchroom.incidents import facts as tells
from watchroom.incidents import queries
from watchroom.incidents.models import Incident, Party

CALLER, SYSTEM = "caller", "system:incidents"
LONGEST = 120


def of(incident: int) -> Sequence[Party]:
    return list(Party.objects.filter(incident=incident, ended_at=None).select_related("person").order_by("at", "pk"))


def words(row: Party) -> tuple[str, str]:
    """What the fact's digest is of."""
    return row.role, row.name


@transaction.atomic
def add(*, incident: int, role: str, by: str, at: datetime, name: str = "", person: int | None = None) -> Party:
    """Raises Invalid where it says not who, or not which part. Said twice of a person on record it stands once."""
    name = " ".join(name.split())
    if role not in {one.code for one in force.policy_at(at).policy.parties}:
        raise Invalid(role="Choose the part they have.")
    if person is None and len(name) < 2:
        raise Invalid(name="Say who it is: a name, or how they were described.")
    if len(name) > LONGEST or "\0" in name:
        raise Invalid(name=f"Up to {LONGEST} ordinary characters fit here.")
    row = Incident.objects.get(pk=incident)
    if person is not None:
        found = Party.objects.filter(incident=row, person=person, role=role, ended_at=None).first()
        if found:
            return found
    party = Party.objects.create(incident=row, role=role, name=name, person_id=person, by=by, at=at)
    sealed = digest.of(row.secret, *words(party))
    facts.tell(tells.PartyNamed(incident=row.pk, party=party.pk, role=role, digest=sealed), by=by, at=at)
    return party


@transaction.atomic
def end(*, party: int, by: str, at: datetime) -> Party:
    """It was not so. The row stays."""
    row = Party.objects.select_for_update(of=("self",)).get(pk=party)
    if row.ended_at is None:
        row.ended_at, row.ended_by = at, by
        row.save(update_fields=["ended_at", "ended_by"])
        facts.tell(tells.PartyEnded(incident=row.incident_id, party=row.pk), by=by, at=at)
    return row


def follow_person(told: Told) -> None:
    """Reaction: it is said who the caller is, or that it was not them, or the contact came to a log: the caller's part follows."""
    incident = queries.of_contact(getattr(told.fact, "contact", 0))
    if incident is None:
        return
    who = Person.objects.filter(
        links__observation__contact_id__in=queries.contacts_of(incident.pk).values("pk"),
        links__observation__kind="name",
        links__undone_at=None,
    )
    wanted = set(who.values_list("pk", flat=True))
    mine = list(Party.objects.filter(incident=incident, role=CALLER, by=SYSTEM, ended_at=None).exclude(person=None))
    for row in mine:
        if row.person_id not in wanted:
            end(party=row.pk, by=SYSTEM, at=told.at)
    for person in sorted(wanted - {row.person_id for row in mine}):
        add(incident=incident.pk, role=CALLER, person=person, by=SYSTEM, at=told.at)


FOLLOWS = (people.PersonConfirmed, people.PersonRejected, tells.IncidentOpened, tells.ContactInvolved)
