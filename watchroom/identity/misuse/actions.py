"""Before somebody looks: is it theirs to look at? Declaring, giving a reason, and what professional standards made of it.

`watch` is asked by `foundation.access` before each new consultation. A look that needs a reason is noted whether or not it is
given: who only tried has looked for something, too.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from watchroom.contacts.models import Contact
from watchroom.duties import actions as duties
from watchroom.foundation import access, facts
from watchroom.foundation.errors import Invalid, Reasoned, ReasonOwed, Refused
from watchroom.foundation.words import written
from watchroom.gazetteer.models import Place
from watchroom.identity import facts as tells
from watchroom.identity import queries
from watchroom.identity.misuse import rules
from watchroom.identity.misuse.rules import Declared, Touches
from watchroom.identity.models import Conflict, Link, Look, Marker, Plan
from watchroom.staff.models import Member

STANDARDS, SYSTEM = "desk:standards", "system:identity"
REVIEW = timedelta(days=3)
REASON_IN = timedelta(hours=12)  # a shift
HOLDS = timedelta(hours=12)  # a reason once given

#: How a record of this kind is resolved to what it touches; rooms below add theirs.
SUBJECTS: dict[str, Callable[[int], Touches]] = {}


# --- what a record touches --------------------------------------------------------------------------------------------


def of_contact(pk: int) -> Touches:
    row = Contact.objects.filter(pk=pk).first()
    return of_contacts([row]) if row else Touches()


def of_contacts(rows: list[Contact]) -> Touches:
    numbers = frozenset(row.caller_number for row in rows if row.caller_number)
    places = frozenset(row.place_id for row in rows if row.place_id)
    confirmed = Link.objects.filter(observation__kind="name", observation__contact__in=[row.pk for row in rows], undone_at=None)
    workers = frozenset(f"staff:{row.owner_id}" for row in rows if row.owner_id)
    heads = {link.person.head for link in confirmed.select_related("person")}
    return Touches(numbers, places, queries.whole(heads), workers)


def of_person(pk: int) -> Touches:
    return Touches(people=queries.whole([queries.head_of(pk)]))


def of_marker(pk: int) -> Touches:
    row = Marker.objects.filter(pk=pk).first()
    return _of(row) if row else Touches()


def of_plan(pk: int) -> Touches:
    row = Plan.objects.filter(pk=pk).first()
    return _of(row) if row else Touches()


def _of(row: Marker | Plan) -> Touches:
    """What is of a number, a place or a person, in whichever of their records."""
    people = queries.whole([queries.head_of(row.person_id)]) if row.person_id else frozenset()
    return Touches(frozenset(filter(None, [row.number])), frozenset(filter(None, [row.place_id])), people)


SUBJECTS |= {"contact": of_contact, "person": of_person, "marker": of_marker, "plan": of_plan}


# --- the watch --------------------------------------------------------------------------------------------------------


def watch(subject: access.Subject, by: str, at: datetime, *, workers: frozenset[str] = frozenset()) -> None:
    """Raises ReasonOwed where the record has to do with a conflict of theirs, is not their work, and no reason is given yet.

    `workers`: whose work this look is a part of, besides those whose work the record is.
    """
    resolve = SUBJECTS.get(subject[0])
    number = by.removeprefix("staff:")
    if resolve is None or number == by or not number.isdecimal():
        return
    member = int(number)
    conflicts = list(Conflict.objects.filter(Q(member=member) | Q(relation="self"), ended_at=None))
    if not conflicts:
        return
    record = resolve(subject[1]) | Touches(workers=workers)
    found = rules.relations(member, _declared(conflicts), record)
    if not found:
        return
    look = Look.objects.filter(member=member, subject_kind=subject[0], subject_id=subject[1], at__gt=at - HOLDS).first()
    if look and look.because:
        return
    has_board = Member.objects.get(pk=member).may("incidents.board")
    if rules.is_own_work(by, record, has_board=has_board):
        note(subject=subject, member=member, relations=found, is_own_work=True, by=by, at=at)
        return
    raise ReasonOwed(
        Reasoned(subject, f"This record has to do with {rules.RELATIONS[found[0]]}."),
        lambda: note(subject=subject, member=member, relations=found, by=by, at=at),
    )


def look_up_named(people: Iterable[int], *, contact: Contact, by: str, at: datetime) -> None:
    """Whoever is found because of the name that is kept at a contact was looked up; it is part of the work of who answers it.

    Raises ReasonOwed as `watch` does, before any of them is noted as looked up. It opens no record: who reads that is asked again.
    """
    workers = frozenset({f"staff:{contact.owner_id}"} if contact.owner_id else ())
    people = sorted(people)
    for person in people:
        watch(("person", person), by, at, workers=workers)
    for person in people:
        reason = "shown because a name was kept"
        access.log("consultation", subject=("person", person), reason=reason, by=by, at=at, is_watched=True)


def _declared(rows: list[Conflict]) -> list[Declared]:
    """Each with the people who are known to use that number or to live there."""
    numbers, places = {row.number for row in rows if row.number}, {str(row.place_id) for row in rows if row.place_id}
    seen = Q(observation__kind="number", observation__value__in=numbers) | Q(
        observation__kind="place", observation__value__in=places
    )
    people: dict[tuple[str, str], set[int]] = defaultdict(set)
    links = Link.objects.filter(seen, undone_at=None).values_list("observation__kind", "observation__value", "person_id")
    for kind, value, person in links:
        people[kind, value].add(person)
    return [
        Declared(
            row.member_id,
            row.relation,
            row.number,
            row.place_id,
            frozenset(people["number", row.number] | people["place", str(row.place_id)]),
        )
        for row in rows
    ]


@transaction.atomic
def note(
    *, subject: access.Subject, member: int, relations: tuple[str, ...], by: str, at: datetime, is_own_work: bool = False
) -> Look:
    """A look that professional standards read: once a shift for each record and member. Tried, or done as their work."""
    earlier = Look.objects.filter(member=member, subject_kind=subject[0], subject_id=subject[1], at__gt=at - HOLDS).first()
    if earlier:
        if is_own_work and not (earlier.because or earlier.is_of_own_work):  # they tried before it was their work
            earlier.is_of_own_work = True
            earlier.save(update_fields=["is_of_own_work"])
            duties.owe(kind="look_reason", subject=("look", earlier.pk), owner=by, due_at=at + REASON_IN, by=SYSTEM, at=at)
        return earlier
    row = Look.objects.create(
        member_id=member,
        subject_kind=subject[0],
        subject_id=subject[1],
        relations=list(relations),
        is_of_own_work=is_own_work,
        at=at,
    )
    facts.tell(tells.OwnInterestLook(look=row.pk, relation=relations[0], is_of_own_work=is_own_work), by=by, at=at)
    duties.owe(kind="look_review", subject=("look", row.pk), owner=STANDARDS, due_at=at + REVIEW, by=SYSTEM, at=at)
    if is_own_work:
        duties.owe(kind="look_reason", subject=("look", row.pk), owner=by, due_at=at + REASON_IN, by=SYSTEM, at=at)
    return row


# --- what people say --------------------------------------------------------------------------------------------------


@transaction.atomic
def declare(*, member: int, relation: str, number: str, place: int | None, by: str, at: datetime) -> Conflict:
    """Somebody I should not look up without a reason: by number, address, or both. Raises Invalid."""
    if relation not in rules.DECLARED:
        raise Invalid(relation="Choose who it is.")
    if not number and place is None:
        raise Invalid(number="Give a number, an address, or both.")
    if place is not None and not Place.objects.filter(pk=place).exists():
        raise Invalid(place="That address is not in the gazetteer.")
    mine = Conflict.objects.filter(member=member, relation=relation, number=number, ended_at=None)
    row = next((one for one in mine if one.place_id == place), None)
    if row is None:
        row = Conflict.objects.create(
            member_id=member, relation=relation, number=number, place_id=place, declared_by=by, declared_at=at
        )
        facts.tell(tells.ConflictDeclared(conflict=row.pk, relation=relation), by=by, at=at)
        access.ask_anew(by="" if relation == "self" else f"staff:{member}")
    return row


@transaction.atomic
def end(*, conflict: int, member: int, by: str, at: datetime) -> Conflict:
    """It is so no longer. The row stays."""
    row = Conflict.objects.select_for_update().get(pk=conflict, member=member)
    if row.ended_at is None:
        row.ended_at, row.ended_by = at, by
        row.save(update_fields=["ended_at", "ended_by"])
        facts.tell(tells.ConflictEnded(conflict=row.pk), by=by, at=at)
    return row


@transaction.atomic
def give_reason(*, subject: access.Subject, member: int, because: str, by: str, at: datetime) -> Look:
    """Why they need it; standards read it. Holds for a shift. Raises Invalid, or Refused where no look was noted."""
    because = _reason(because)
    mine = Look.objects.select_for_update().filter(member=member, subject_kind=subject[0], subject_id=subject[1])
    row = mine.filter(at__gt=at - HOLDS).order_by("-at").first()
    if row is None:
        raise Refused("Open the record first; it says whether a reason is needed.")
    if not row.because:
        row.because, row.reasoned_at = because, at
        row.save(update_fields=["because", "reasoned_at"])
        facts.tell(tells.LookReasoned(look=row.pk), by=by, at=at)
        duties.settle("look_reason", subject=("look", row.pk), by=by, at=at)
    return row


@transaction.atomic
def find(*, look: int, finding: str, because: str, by: str, at: datetime) -> Look:
    """What professional standards made of it, in a code and in words. Nobody finds on themselves."""
    if finding not in rules.FINDINGS:
        raise Invalid(finding="Choose what you found.")
    because = _reason(because)
    row = Look.objects.select_for_update().get(pk=look)
    if by == f"staff:{row.member_id}":
        raise Refused("Nobody decides about a look of their own.")
    if row.found_at:
        raise Refused("Somebody has decided this already.")
    row.finding, row.finding_because, row.found_by, row.found_at = finding, because, by, at
    row.save(update_fields=["finding", "finding_because", "found_by", "found_at"])
    facts.tell(tells.LookJudged(look=row.pk, finding=finding), by=by, at=at)
    duties.settle("look_review", "look_reason", subject=("look", row.pk), by=by, at=at)
    return row


def _reason(because: str) -> str:
    return written(
        because, field="because", says="Write what you need it for, or why", least=rules.MIN_REASON, most=rules.LONGEST
    )
