"""Observing what a contact tells of who and where; a person saying who it is; undoing that."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import zip_longest

from django.db import connection, transaction

from watchroom.contacts import actions as contacts
from watchroom.contacts.models import Contact
from watchroom.contacts.queries import told_of
from watchroom.foundation import access, facts, scope
from watchroom.foundation.errors import Refused
from watchroom.foundation.facts import Told
from watchroom.gazetteer.models import Place
from watchroom.identity import facts as tells
from watchroom.identity import finding, queries
from watchroom.identity.likeness import words
from watchroom.identity.likeness.words import Said
from watchroom.identity.models import History, Link, Marker, Observation, Person


def observe(told: Told) -> None:
    """Reaction: a contact arrived, or a place was picked. Keeps what was seen, and lifts a caller with a marker in the queue."""
    contact = told_of(told)
    seen = {"number": contact.caller_number, "place": str(contact.place_id or "")}
    for kind, value in seen.items():
        if value and (observation := _observed(contact.pk, kind, value, told.at)):
            facts.tell(tells.Observed(contact=contact.pk, observation=observation, kind=kind), by="system:identity", at=told.at)
    levels = [marker.level for marker in queries.markers(contact, also_typed=True)]
    if levels and min(levels) <= 2:
        contacts.raise_attention(contact=contact.pk, level=3 - min(levels), by="system:identity", at=told.at)


def _observed(contact: int, kind: str, value: str, at: datetime) -> int:
    """The id of a new observation; 0 where the same is kept already."""
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into identity_observation (force, kind, value, contact_id, source, seen_at)
            select %(force)s::text, %(kind)s::text, %(value)s::text, %(contact)s::bigint, 'contact', %(at)s::timestamptz
            where not exists (
                select from identity_observation
                where force = %(force)s::text and contact_id = %(contact)s::bigint and kind = %(kind)s::text and value = %(value)s::text
            ) returning id""",
            {"force": scope.require(), "kind": kind, "value": value, "contact": contact, "at": at},
        )
        made = cursor.fetchone()
        return made[0] if made else 0


def confirm(*, contact: int, person: int, by: str, at: datetime) -> Link:
    """A handler says that this contact is from this person. Kept as a link that can be undone (R65, DPA 2018 s.62 combination)."""
    with transaction.atomic():
        row = Contact.objects.select_for_update(of=("self",)).get(pk=contact)
        who = Person.objects.get(pk=queries.head_of(person))
        observation = Observation.objects.filter(kind="name", contact=row).first() or Observation.objects.create(
            kind="name", value=who.name, contact=row, source="handler", seen_at=at
        )
        if Link.objects.filter(observation=observation, undone_at=None).exclude(person=who).exists():
            raise Refused("This contact is linked to somebody else. Undo that link first.")
        said = queries.said_of(row)
        likeliest, others, was_likeliest = finding.likeliest(said, who.pk) if not said.is_empty else (None, None, None)
        link, made = Link.objects.get_or_create(
            person=who,
            observation=observation,
            undone_at=None,
            defaults={
                "because": "The handler confirmed it.",
                "by": by,
                "at": at,
                "likeliest": likeliest,
                "others": others,
                "was_likeliest": was_likeliest,
            },
        )
        if made:
            if not said.is_empty:  # what they are called and where they are now finds them the next time
                finding.describe(person=who.pk, said=said, source="contact", at=at, contact=row.pk)
            access.log("combination", subject=("person", who.pk), reason=f"confirmed on contact {row.pk}", by=by, at=at)
            facts.tell(tells.PersonConfirmed(contact=row.pk, person=who.pk), by=by, at=at)
        return link


def undo(*, contact: int, by: str, at: datetime) -> None:
    """That was not them: the link stays to be read, and counts no longer."""
    with transaction.atomic():
        for link in Link.objects.select_for_update(of=("self",)).filter(
            observation__contact_id=contact, observation__kind="name", undone_at=None
        ):
            link.undone_at, link.undone_by = at, by
            link.save(update_fields=["undone_at", "undone_by"])
            finding.forget(person=queries.head_of(link.person_id), contact=contact)
            access.log("combination", subject=("person", link.person_id), reason=f"undone on contact {contact}", by=by, at=at)
            facts.tell(tells.PersonRejected(contact=contact, person=link.person_id), by=by, at=at)


@dataclass(frozen=True, kw_only=True)
class Known:
    """Somebody known to another record, with what that record knows of them."""

    given_name: str
    family_name: str
    born_date: date | None = None
    numbers: tuple[str, ...] = ()
    places: tuple[int, ...] = ()
    markers: tuple[Marker, ...] = ()  # of the person; unsaved
    history: tuple[History, ...] = ()  # unsaved


def bring_in(people: Sequence[Known], *, source: str, by: str, at: datetime) -> list[Person]:
    """People of another record come in with provenance, in a few statements for any number of them."""
    with transaction.atomic():
        rows = Person.objects.bulk_create(
            [Person(given_name=p.given_name, family_name=p.family_name, born_date=p.born_date) for p in people], batch_size=1000
        )
        seen = []
        for row, known in zip(rows, people, strict=True):
            values = [("number", n) for n in known.numbers] + [("place", str(pk)) for pk in known.places]
            seen += [(row.pk, kind, value) for kind, value in [*values, ("name", row.name)]]
            for marker in known.markers:
                marker.person = row
            for earlier in known.history:
                earlier.person = row
        hold(seen, source=source, by=by, at=at)
        where = {place.pk: place for place in Place.objects.filter(pk__in={pk for p in people for pk in p.places})}
        finding.describe_all(
            [(row.pk, said) for row, known in zip(rows, people, strict=True) for said in _described(known, where)],
            source=source,
            at=at,
        )
        finding.count(at=at)
        Marker.objects.bulk_create([m for known in people for m in known.markers])
        History.objects.bulk_create([h for known in people for h in known.history])
        return rows


def hold(seen: Sequence[tuple[int, str, str]], *, source: str, by: str, at: datetime) -> list[Link]:
    """What another record says of people, (person, kind, value), is held to be theirs: each as an observation and a link to it."""
    observations = Observation.objects.bulk_create(
        [Observation(kind=kind, value=value, source=source, seen_at=at) for _, kind, value in seen], batch_size=2000
    )
    return Link.objects.bulk_create(
        [
            Link(person_id=person, observation=observation, because=f"From {source}.", by=by, at=at)
            for (person, _, _), observation in zip(seen, observations, strict=True)
        ],
        batch_size=2000,
    )


def _described(known: Known, where: dict[int, Place]) -> Iterator[Said]:
    """One description for each address and number that the record has of them."""
    for place, number in zip_longest(known.places, known.numbers) if known.places or known.numbers else [(None, None)]:
        yield words.said(
            given=known.given_name,
            family=known.family_name,
            born_on=known.born_date,
            number=number,
            **(queries.of_place(where[place]) if place else {}),
        )


def mark(markers: Sequence[Marker]) -> None:
    """Markers of places and numbers from another record, each with its source and review-by date."""
    Marker.objects.bulk_create(list(markers))


def remember(history: Sequence[History]) -> None:
    """Earlier contacts of nobody known, by their number or place."""
    History.objects.bulk_create(list(history))
