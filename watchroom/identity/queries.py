"""Who may this be, what must not be missed, and what happened before?"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Q, QuerySet

from watchroom.contacts.models import Contact
from watchroom.force import queries as force
from watchroom.force.policy import Policy
from watchroom.foundation import memory
from watchroom.foundation.statements import among, statement
from watchroom.gazetteer import queries as gazetteer
from watchroom.gazetteer.models import Place
from watchroom.identity import finding, rules
from watchroom.identity.likeness import verdict, words
from watchroom.identity.likeness.calibration import Call
from watchroom.identity.likeness.words import Said
from watchroom.identity.models import Description, History, Link, Marker, Observation, Person, Twins


@memory.while_reading
def candidates(contact: Contact, *, on: date) -> list[rules.Candidate]:
    """Who may be calling, surest first: by number, place, confirmation and likeness; each with its reasons (R64, R65, R71)."""
    exact = _by_links(contact)
    said = said_of(contact)
    alike = {one.person: one for one in finding.named(said, MOST)}
    if not exact and not alike:
        return []
    people = {person.pk: person for person in Person.objects.filter(pk__in={*exact, *alike})}
    people = {pk: person for pk, person in people.items() if person.head == pk}  # who is held to be another is read as that one
    belief = verdict.shipped()
    result = []
    for pk, person in people.items():
        evidence, named = exact.get(pk), alike.get(pk)
        tiers = [rules.tier(evidence)] if evidence else []
        if named:
            tiers.append(
                rules.band(named.probability, named.relation, named.household, likely=belief.likely, possible=belief.possible)
            )
        surest = rules.surest(tiers)
        if surest is None:
            continue
        pro, con = rules.reasons(evidence) if evidence else ((), ())
        if named:
            pro = tuple(
                dict.fromkeys([*pro, *(reason for reason in named.because if not (evidence and reason in SAME_IN_LINKS))])
            )
            con = tuple(dict.fromkeys([*con, *named.against]))
        result.append(rules.Candidate(pk, person.name, age(person.born_date, on), surest, pro, con))
    return sorted(result, key=lambda c: (rules.TIERS.index(c.tier), -_probability(alike, c.person), c.name))


MOST = 8  # candidates by likeness; more are no help to somebody with a caller on the line
SAME_IN_LINKS = {"Their number.", "Their address."}  # said already, from the links


def _probability(alike: dict[int, finding.Named], person: int) -> float:
    return alike[person].probability if person in alike else 0.0


def said_of(contact: Contact) -> Said:
    """What is known of the caller in normal form. A number that somebody typed says nothing: anybody can type anybody's."""
    given, _, family = contact.caller_name.strip().rpartition(" ")
    if not given:
        given, family = family, ""
    place = contact.place
    return words.said(
        given=given.split()[0] if given else "",
        family=family,
        born_on=contact.caller_born,
        number="" if contact.number_is_typed else contact.caller_number,
        email="" if contact.caller_email and contact.number_is_typed else contact.caller_email,
        **(of_place(place) if place else {"street": contact.place_said}),
    )


LATELY = timedelta(days=28)
MOST_CALLS = 2000


def _lately(at: datetime) -> QuerySet[Contact]:
    """The newest calls of the last weeks."""
    return Contact.objects.filter(received_at__gte=at - LATELY, received_at__lt=at).order_by("-received_at")[:MOST_CALLS]


def heard_since(*, at: datetime) -> datetime | None:
    """When the oldest of the calls that `said_lately` reads came in; None where there was none."""
    return min(_lately(at).values_list("received_at", flat=True), default=None)


class SaidLately(NamedTuple):
    unsaid: list[Said]  # what was said where nobody said who it was
    confirmed: list[Call]  # how likeness had it where somebody did; of one person once as right and once as wrong
    sure: list[
        tuple[Said, list[Said]]
    ]  # what was said where it is confirmed who it was, and how else they are described; each once
    known: int  # in how many calls somebody said who it was


def said_lately(*, at: datetime) -> SaidLately:
    """Of the newest calls of the last weeks."""
    calls = list(_lately(at).select_related("place"))
    links = Link.objects.filter(observation__kind="name", observation__contact__in=[row.pk for row in calls])
    last = {link.observation.contact_id: link for link in links.select_related("observation", "person").order_by("at")}
    who = {contact: link.person.head for contact, link in last.items() if link.undone_at is None}
    described: dict[int, list[Description]] = defaultdict(list)
    for one in Description.objects.filter(person__in={*who.values()}).exclude(keys=[]):
        described[one.person_id].append(one)
    newest = {who[row.pk]: row for row in reversed(calls) if row.pk in who}  # who rings every day is heard once
    sure = [
        (said_of(row), [finding.said_of(one) for one in described[person] if one.contact_id != row.pk])
        for person, row in newest.items()
    ]
    unsaid = [said_of(row) for row in calls if row.pk not in last]
    judged = [(link.person.head, call) for link in last.values() if (call := _judged(link))]
    confirmed = {(person, call.is_right): call for person, call in judged}  # whoever rings every day corrects nothing by that
    return SaidLately(unsaid, [*confirmed.values()], sure, len(judged))


def _judged(link: Link) -> Call | None:
    """None where likeness was not asked, found nobody, or was not put to the test: another than the likeliest was chosen and taken back."""
    is_undone = link.undone_at is not None
    if not link.likeliest or link.others is None or (is_undone and not link.was_likeliest):
        return None
    return Call(link.likeliest, link.others, bool(link.was_likeliest) and not is_undone)


def of_place(place: Place) -> dict[str, str]:
    """A place of the gazetteer in the words that are compared."""
    return {
        "street": place.label,
        "postcode_of": place.postcode,
        "town": place.locality.upper().replace(place.postcode.upper(), "").strip() if place.postcode else place.locality,
    }


def _by_links(contact: Contact) -> dict[int, rules.Evidence]:
    """What the exact number, the place and a confirmation say, by person."""
    found: dict[int, dict[str, bool]] = defaultdict(dict)
    people: dict[int, Person] = {}
    for link in _links(contact.pk, contact.caller_number or None, str(contact.place_id) if contact.place_id else None):
        head = link.person.same_as or link.person
        people[head.pk] = head
        is_confirmation = link.observation.contact_id == contact.pk and link.observation.kind == "name"
        found[head.pk]["confirmed" if is_confirmation else link.observation.kind] = True
    return _evidence(contact, found, people)


@statement
def _links(contact: int, number: str | None, place: str | None) -> QuerySet[Link]:
    wanted = Q(observation__contact=contact)
    wanted |= Q(observation__kind="number", observation__value=number)
    wanted |= Q(observation__kind="place", observation__value=place)
    return Link.objects.filter(wanted, undone_at=None).select_related("person__same_as", "observation")


def _evidence(contact: Contact, seen: dict[int, dict[str, bool]], people: dict[int, Person]) -> dict[int, rules.Evidence]:
    """What links say of each person: `seen` holds number, place and confirmed by person."""
    on_number = sum(1 for kinds in seen.values() if kinds.get("number"))
    said = gazetteer.fold(contact.caller_name).split() if seen else []
    return {
        pk: rules.Evidence(
            number=kinds.get("number", False),
            is_typed=contact.number_is_typed,
            place=kinds.get("place", False),
            name=bool(said) and gazetteer.fold(people[pk].given_name) in said,
            others_on_number=on_number - 1 if kinds.get("number") else 0,
            confirmed=kinds.get("confirmed", False),
        )
        for pk, kinds in seen.items()
    }


def age(born: date | None, on: date) -> int | None:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day)) if born else None


def confirmed(contact: int) -> list[Person]:
    """Whom somebody said that this contact is from, and has not taken back; of each the record that stands for them."""
    links = Link.objects.filter(observation__contact=contact, observation__kind="name", undone_at=None)
    return [link.person.same_as or link.person for link in links.select_related("person__same_as")]


@memory.while_reading
def markers(contact: Contact, *, also_typed: bool = False) -> list[Marker]:
    """What must not be missed: of the number and who uses it, the place, and the people who are known or likely to be calling; worst first.

    `also_typed`: and of people whose number was typed, who are only possible: enough to be looked at sooner, not to be told.
    """
    is_enough = also_typed and contact.number_is_typed
    people = {c.person for c in candidates(contact, on=contact.day) if c.tier != "possible" or is_enough}
    if contact.caller_number and not contact.number_is_typed:  # also of those who share it: none of them may be missed
        people |= {link.person.head for link in _users(contact.caller_number)}
    return _markers(list(whole(people)), contact.caller_number or None, contact.place_id)


@statement
def _users(number: str) -> QuerySet[Link]:
    uses = Link.objects.filter(observation__kind="number", observation__value=number, undone_at=None)
    return uses.select_related("person")


@statement
def _markers(people: list[int], number: str | None, place: int | None) -> QuerySet[Marker]:
    found = Marker.objects.filter(Q(person=among(people)) | Q(number=number) | Q(place=place), removed_at=None)
    return found.select_related("person", "place").order_by("level", "-since_date")


@memory.while_reading
def whole(people: Collection[int]) -> frozenset[int]:
    """The records of these people: their own, and those that are held to be the same. `people` are heads (`Person.head`)."""
    if not people:
        return frozenset()
    return frozenset(people) | frozenset(Person.objects.filter(same_as__in=people).values_list("pk", flat=True))


def head_of(person: int) -> int:
    """The record that stands for whom this record is of; itself where there is no such record."""
    return Person.objects.filter(pk=person).values_list("same_as_id", flat=True).first() or person


def about(contact: Contact, people: list[int]) -> Q:
    """What has this number, this place, or one of these people in its `number`, `place` and `person`."""
    same = Q(person_id__in=whole(people)) if people else Q(pk__in=[])
    if contact.caller_number:
        same |= Q(number=contact.caller_number)
    if contact.place_id:
        same |= Q(place_id=contact.place_id)
    return same


def before(contact: Contact, pks: Collection[int], *, since: datetime) -> QuerySet[Contact]:
    """Earlier contacts of this number, from this place, and these besides; newest first."""
    same = Q(pk__in=pks)
    if contact.caller_number:
        same |= Q(caller_number=contact.caller_number)
    if contact.place_id:
        same |= Q(place_id=contact.place_id)
    found = Contact.objects.filter(same, received_at__gte=since, received_at__lt=contact.received_at)
    return found.exclude(pk=contact.pk).order_by("-received_at")


def may_be(contact: Contact) -> list[rules.Candidate]:
    """Who is known or likely to be calling."""
    return [one for one in candidates(contact, on=contact.day) if one.tier in ("known", "likely")]


def whose(contact: Contact) -> list[tuple[str, str]]:
    """Whose a flag or a plan can be that is put on record at this contact: (person-12, place or number; in words)."""
    people = [(f"person-{one.person}", one.name) for one in candidates(contact, on=contact.day) if one.tier != "possible"]
    places = [("place", contact.place.label)] if contact.place else []
    return [*people, *places, *([("number", "This number")] if contact.caller_number else [])]


def place_markers(place: int) -> QuerySet[Marker]:
    return Marker.objects.filter(place_id=place, removed_at=None).order_by("level")


@dataclass(frozen=True)
class Earlier:
    """One earlier contact, from this system or before it."""

    at: datetime
    channel: str
    headline: str
    text: str
    is_serious: bool
    because: str
    contact: int | None = None


def earlier(contact: Contact, *, days: int = 180, limit: int = 12) -> list[Earlier]:
    """What happened before with this number, place or person, newest first."""
    since = contact.received_at - timedelta(days=days)
    policy = force.policy_at(contact.received_at).policy
    people = [one.person for one in may_be(contact)]
    own = contacts_of(people) if people else []  # also from another telephone and another address
    result = [
        Earlier(
            at=row.received_at,
            channel=row.channel,
            headline=_headline(row, policy),
            text="",
            is_serious=row.state == Contact.State.ABANDONED,
            because=_same(row, contact),
            contact=row.pk,
        )
        for row in before(contact, own, since=since)[:limit]
    ]
    result += [
        Earlier(row.at, row.channel, row.headline, row.text, row.is_serious, row.source)
        for row in History.objects.filter(about(contact, people), at__gte=since, at__lt=contact.received_at).order_by("-at")[
            :limit
        ]
    ]
    return sorted(result, key=lambda e: e.at, reverse=True)[:limit]


def _same(row: Contact, contact: Contact) -> str:
    if row.caller_number and row.caller_number == contact.caller_number:
        return "same number"
    return "same place" if row.place_id and row.place_id == contact.place_id else "same person"


STANDS = {"waiting": "not answered yet", "answered": "with us now", "ended": "being written up", "wrapped": "written up"}


def _headline(contact: Contact, policy: Policy) -> str:
    """What became of an earlier contact: why they got in touch, where that was said."""
    channel = policy.channel(contact.channel).label
    if contact.state == Contact.State.ABANDONED:
        waited = int(((contact.ended_at or contact.received_at) - contact.transferred_at).total_seconds())
        return f"{channel}, gave up after {waited // 60}:{waited % 60:02d}."
    reasons = {one.code: one.label for one in policy.reasons}
    return f"{channel}: {reasons.get(contact.reason) or STANDS[contact.state]}."


def numbers_of(person: int) -> list[str]:
    return list(
        Observation.objects.filter(kind="number", links__person_id__in=whole([head_of(person)]), links__undone_at=None)
        .values_list("value", flat=True)
        .distinct()
    )


def contacts_of(people: list[int], *, alone: bool = False) -> list[int]:
    """The contacts that are from these people: confirmed as theirs, or by a number that is linked to them.

    `alone`: by these records only, not by others that are held to be the same people's.
    """
    links = Link.objects.filter(
        person_id__in=people if alone else whole(people), undone_at=None, observation__kind__in=("name", "number")
    )
    confirmed = links.filter(observation__kind="name").exclude(observation__contact=None)
    numbers = links.filter(observation__kind="number").values("observation__value")
    by_number = Contact.objects.filter(caller_number__in=numbers).exclude(caller_number="").values_list("pk", flat=True)
    return [*confirmed.values_list("observation__contact_id", flat=True), *by_number]


def markers_among(contacts: list[Contact]) -> dict[int, list[Marker]]:
    """`markers` for many contacts in two queries, by contact: for a whole board. Worst first."""
    numbers = {c.caller_number for c in contacts if c.caller_number}
    places = {c.place_id for c in contacts if c.place_id}
    seen = Q(observation__kind="number", observation__value__in=numbers)
    seen |= Q(observation__kind="place", observation__value__in=[str(pk) for pk in places])
    seen |= Q(observation__kind="name", observation__contact__in=[c.pk for c in contacts])
    links: dict[tuple[str, str], list[Link]] = defaultdict(list)
    for link in Link.objects.filter(seen, undone_at=None).select_related("person", "observation"):
        of = link.observation
        links[of.kind, str(of.contact_id) if of.kind == "name" else of.value].append(link)
    people_of = {contact.pk: _likely(contact, links) for contact in contacts}
    people = set().union(*people_of.values()) if people_of else set()
    wanted = Q(number__in=numbers) | Q(place_id__in=places) | Q(person_id__in=whole(people))
    rows = (
        list(Marker.objects.filter(wanted, removed_at=None).select_related("person").order_by("level", "-since_date"))
        if numbers or places or people
        else []
    )
    return {
        contact.pk: [
            row
            for row in rows
            if (row.number and row.number == contact.caller_number)
            or (row.place_id and row.place_id == contact.place_id)
            or (row.person and row.person.head in people_of[contact.pk])
        ]
        for contact in contacts
    }


def markers_then(moments: list[tuple[Contact, datetime]]) -> list[list[Marker]]:
    """`markers` for each of these contacts as they were on record at its moment: without what was added, linked or removed since."""
    numbers = {c.caller_number for c, _ in moments if c.caller_number}
    places = {c.place_id for c, _ in moments if c.place_id}
    seen = Q(observation__kind="number", observation__value__in=numbers)
    seen |= Q(observation__kind="place", observation__value__in=[str(pk) for pk in places])
    seen |= Q(observation__kind="name", observation__contact__in=[c.pk for c, _ in moments])
    links = list(Link.objects.filter(seen).select_related("person", "observation"))
    held = list(Twins.objects.filter(judged=Twins.Judged.SAME))  # few, and those taken back among them
    everybody = {link.person_id for link in links}
    everybody |= {pk for row in held for pk in (row.one_id, row.other_id)}
    wanted = Q(number__in=numbers) | Q(place_id__in=places) | Q(person_id__in=everybody)
    rows = list(Marker.objects.filter(wanted).order_by("level", "-since_date")) if links or numbers or places else []
    found = []
    for contact, at in moments:
        known: dict[tuple[str, str], list[Link]] = defaultdict(list)
        for link in links:
            of = link.observation
            if link.at <= at and (link.undone_at is None or link.undone_at > at):
                known[of.kind, str(of.contact_id) if of.kind == "name" else of.value].append(link)
        heads = heads_then(held, at)
        people = _likely(contact, known, heads)
        found.append(
            [
                row
                for row in rows
                if _on_record(row, at)
                and (row.removed_at is None or row.removed_at > at)
                and (
                    (row.number and row.number == contact.caller_number)
                    or (row.place_id and row.place_id == contact.place_id)
                    or heads.get(row.person_id or 0, row.person_id) in people
                )
            ]
        )
    return found


def heads_then(held: Sequence[Twins], at: datetime) -> dict[int, int]:
    """Which record stood for which at that moment, by what was judged and taken back until then."""
    return rules.heads(
        (row.one_id, row.other_id) for row in held if row.at and row.at <= at and (row.undone_at is None or row.undone_at > at)
    )


def _on_record(row: Marker, at: datetime) -> bool:
    """Whether it had come on record: what was since the spring and was told today was not known yesterday."""
    return row.recorded_at <= at if row.recorded_at else row.since_date <= at.date()


def _likely(contact: Contact, links: dict[tuple[str, str], list[Link]], heads: Mapping[int, int] | None = None) -> set[int]:
    """Who is known or likely to be calling, uses the number, or lives there; as in `markers`. `links` by kind and what was seen.

    `heads`: which record stood for which, where it is not asked how it is now.
    """
    seen: dict[int, dict[str, bool]] = defaultdict(dict)
    people: dict[int, Person] = {}
    wanted = [("name", str(contact.pk)), ("number", contact.caller_number), ("place", str(contact.place_id or ""))]
    for kind, value in wanted:
        for link in links.get((kind, value), ()) if value else ():
            head = link.person.head if heads is None else heads.get(link.person_id, link.person_id)
            people[head] = link.person
            seen[head]["confirmed" if kind == "name" else kind] = True
    judged = _evidence(contact, seen, people)
    return {
        pk
        for pk, evidence in judged.items()
        if rules.tier(evidence) not in (None, "possible") or (evidence.number and not evidence.is_typed)
    }
