"""Observing what a contact tells of who and where; a person saying who it is; undoing that."""

from datetime import date, datetime

from django.db import transaction

from watchroom.contacts import actions as contacts
from watchroom.contacts.models import Contact
from watchroom.foundation import access, facts
from watchroom.foundation.errors import Refused
from watchroom.foundation.facts import Told
from watchroom.identity import facts as tells
from watchroom.identity import queries
from watchroom.identity.models import History, Link, Marker, Observation, Person


def observe(told: Told) -> None:
    """Reaction: a contact arrived, or a place was picked. Keeps what was seen, and lifts a caller with a marker in the queue."""
    contact = Contact.objects.get(pk=told.fact.subject[1])
    seen = {"number": contact.caller_number, "place": str(contact.place_id or "")}
    for kind, value in seen.items():
        if value and not Observation.objects.filter(kind=kind, value=value, contact=contact).exists():
            row = Observation.objects.create(kind=kind, value=value, contact=contact, source="contact", seen_at=told.at)
            facts.tell(tells.Observed(contact=contact.pk, observation=row.pk, kind=kind), by="system:identity", at=told.at)
    levels = [marker.level for marker in queries.markers(contact)]
    if levels and min(levels) <= 2:
        contacts.raise_attention(contact=contact.pk, level=3 - min(levels), by="system:identity", at=told.at)


def confirm(*, contact: int, person: int, by: str, at: datetime) -> Link:
    """A handler says that this contact is from this person. Kept as a link that can be undone (R65, DPA 2018 s.62 combination)."""
    with transaction.atomic():
        row = Contact.objects.select_for_update(of=("self",)).get(pk=contact)
        who = Person.objects.get(pk=person)
        observation = Observation.objects.filter(kind="name", contact=row).first() or Observation.objects.create(
            kind="name", value=who.name, contact=row, source="handler", seen_at=at
        )
        if Link.objects.filter(observation=observation, undone_at=None).exclude(person=who).exists():
            raise Refused("This contact is linked to somebody else. Undo that link first.")
        link, made = Link.objects.get_or_create(
            person=who, observation=observation, undone_at=None, defaults={"because": "The handler confirmed it.", "by": by, "at": at}
        )
        if made:
            access.log("combination", subject=("person", who.pk), reason=f"confirmed on contact {row.pk}", by=by, at=at)
            facts.tell(tells.PersonConfirmed(contact=row.pk, person=who.pk), by=by, at=at)
        return link


def undo(*, contact: int, by: str, at: datetime) -> None:
    """That was not them: the link stays to be read, and counts no longer."""
    with transaction.atomic():
        for link in Link.objects.select_for_update().filter(observation__contact_id=contact, observation__kind="name", undone_at=None):
            link.undone_at, link.undone_by = at, by
            link.save(update_fields=["undone_at", "undone_by"])
            access.log("combination", subject=("person", link.person_id), reason=f"undone on contact {contact}", by=by, at=at)
            facts.tell(tells.PersonRejected(contact=contact, person=link.person_id), by=by, at=at)


def bring_in(
    *,
    given_name: str,
    family_name: str,
    born_date: date | None,
    numbers: list[str],
    places: list[int],
    source: str,
    markers: list[Marker] | None = None,
    history: list[History] | None = None,
    at: datetime,
) -> Person:
    """Somebody known to another record comes in with provenance: their numbers, places, markers and earlier contacts."""
    with transaction.atomic():
        person = Person.objects.create(given_name=given_name, family_name=family_name, born_date=born_date)
        values = [("number", number) for number in numbers] + [("place", str(place)) for place in places]
        observations = Observation.objects.bulk_create(
            [Observation(kind=kind, value=value, source=source, seen_at=at) for kind, value in values]
        )
        Link.objects.bulk_create(
            [Link(person=person, observation=o, because=f"From {source}.", by=f"link:{source}", at=at) for o in observations]
        )
        for marker in markers or []:
            if not (marker.number or marker.place_id):
                marker.person = person
        Marker.objects.bulk_create(markers or [])
        for entry in history or []:
            entry.person = person
        History.objects.bulk_create(history or [])
        return person
