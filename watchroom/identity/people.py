"""One person, as all observations together have it: what is known, from where, who said so; and taking apart what is not theirs."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from watchroom.contacts.models import Contact
from watchroom.contacts.rules import shown_number
from watchroom.foundation import access, facts
from watchroom.foundation.errors import Invalid, Refused
from watchroom.gazetteer.models import Place
from watchroom.identity import actions, finding, queries
from watchroom.identity import facts as tells
from watchroom.identity.likeness import words
from watchroom.identity.likeness.words import Said
from watchroom.identity.models import Description, Link, Observation, Person

LABELS = {"number": "Number", "place": "Address", "name": "Name"}


@dataclass(frozen=True)
class Known:
    """An observation that is held to be theirs: what, from where, who said so and why. `contact`: it was confirmed on that contact."""

    link: Link
    label: str
    value: str
    contact: Contact | None


def known_of(person: int, *, undone: bool = False, alone: bool = False) -> list[Known]:
    """What is linked to them, in all their records or in this one `alone`; or what was, and is not any more."""
    records = {person} if alone else queries.whole([queries.head_of(person)])
    rows = Link.objects.filter(person_id__in=records, undone_at__isnull=not undone).select_related("observation__contact")
    rows = rows.order_by("observation__kind", "-at")
    places = Place.objects.in_bulk([int(row.observation.value) for row in rows if row.observation.kind == "place"])
    found = []
    for row in rows:
        seen = row.observation
        value = seen.value
        if seen.kind == "number":
            value = shown_number(seen.value)
        elif seen.kind == "place":
            place = places.get(int(seen.value))
            value = place.label if place else "a place that is gone"
        found.append(Known(row, LABELS.get(seen.kind, seen.kind), value, seen.contact if seen.kind == "name" else None))
    return found


def described_at(person: int, *, alone: bool = False) -> list[str]:
    """Addresses that stand in descriptions only, in the words that are compared: another record has them as no gazetteer does."""
    records = {person} if alone else queries.whole([queries.head_of(person)])
    rows = Description.objects.filter(person_id__in=records).exclude(street="").order_by("-seen_at", "-pk")
    links = Link.objects.filter(person_id__in=records, observation__kind="place").select_related("observation")
    known = {(said.house, said.street) for said in (_said(link.observation) for link in links)}
    told = {}
    for row in rows:
        code = f"{row.postcode[:-3]} {row.postcode[-3:]}".upper().strip()
        if (row.house, row.street) not in known:
            told[", ".join(filter(None, [f"{row.house} {row.street}".strip().title(), row.town.title(), code]))] = row.source
    return [
        f"{where}, {'as it was said in a contact' if source == 'contact' else f'as {source} has it'}"
        for where, source in told.items()
    ]


def contacts_of(person: int, *, limit: int = 50, alone: bool = False) -> list[Contact]:
    """The newest first; of all their records, or of this one `alone`."""
    theirs = queries.contacts_of([person], alone=True) if alone else queries.contacts_of([queries.head_of(person)])
    return list(Contact.objects.filter(pk__in=theirs).select_related("place").order_by("-received_at")[:limit])


@transaction.atomic
def split(*, link: int, because: str, by: str, at: datetime) -> Link:
    """This is not theirs: the link counts no longer and stays to be read. Nothing else of either is changed."""
    if sum(map(str.isalnum, because)) < 8:
        raise Invalid(because="Say why it is not theirs, in a few words.")
    row = Link.objects.select_for_update(of=("self",)).select_related("observation").get(pk=link)
    if row.undone_at:
        raise Refused("That was undone already.")
    seen = row.observation
    if seen.kind == "name" and seen.contact_id:
        actions.undo(contact=seen.contact_id, by=by, at=at)
        row.refresh_from_db()
    else:
        row.undone_at, row.undone_by = at, by
        row.save(update_fields=["undone_at", "undone_by"])
        finding.forget_value(person=queries.head_of(row.person_id), gone=_said(seen))
        facts.tell(tells.LinkUndone(link=row.pk, person=row.person_id), by=by, at=at)
    reason = f"split off, {seen.kind}: {because.strip()}"
    access.log("combination", subject=("person", row.person_id), reason=reason, by=by, at=at)
    return row


@transaction.atomic
def put_back(*, link: int, by: str, at: datetime) -> Link:
    """It was theirs after all: another link, beside the one that was undone."""
    row = Link.objects.select_related("observation", "person").get(pk=link)
    if not row.undone_at:
        return row
    seen = row.observation
    if seen.kind == "name" and seen.contact_id:
        return actions.confirm(contact=seen.contact_id, person=row.person_id, by=by, at=at)
    again, is_new = Link.objects.get_or_create(
        person=row.person, observation=seen, undone_at=None, defaults={"because": "Put back by hand.", "by": by, "at": at}
    )
    if is_new:
        head = Person.objects.get(pk=row.person.head)
        said = words.said(given=head.given_name.split(" ")[0], family=head.family_name, born_on=head.born_date)
        back = {field: value for field, value in _said(seen)._asdict().items() if value}
        if back:  # found by it again, as before it was split off
            finding.describe(person=head.pk, said=said._replace(**back), source=seen.source, at=at)
        facts.tell(tells.LinkMade(link=again.pk, person=row.person_id), by=by, at=at)
        access.log("combination", subject=("person", row.person_id), reason=f"put back, {seen.kind}", by=by, at=at)
    return again


def _said(seen: Observation) -> Said:
    """A number or an address in normal form; nothing of a name."""
    if seen.kind == "number":
        return words.said(number=seen.value)
    place = Place.objects.filter(pk=int(seen.value)).first() if seen.kind == "place" else None
    return words.said(**queries.of_place(place)) if place else Said()
