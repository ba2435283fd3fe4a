"""Putting a flag on record, looking at it again, challenging it, and taking it off: each with who, when and why."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from watchroom.contacts.rules import normal_number
from watchroom.duties import actions as duties
from watchroom.duties.models import Duty
from watchroom.force import queries as force
from watchroom.force.policy import MarkerKind, Policy
from watchroom.foundation import access, facts
from watchroom.foundation.errors import Invalid, Refused
from watchroom.gazetteer.models import Place
from watchroom.identity import facts as tells
from watchroom.identity.flags import codes, rules
from watchroom.identity.models import Marker, MarkerStep, Person

DECIDES = "desk:supervisor"
OWED = ("flag_review", "flag_challenge")
What = MarkerStep.What


@dataclass(frozen=True, kw_only=True)
class Words:
    """What a flag says. An empty title is the kind's own, no level the kind's."""

    source: str
    since: date
    title: str = ""
    text: str = ""
    level: int | None = None
    code: str = ""


def add(
    *, kind: str, words: Words, by: str, at: datetime, person: int | None = None, place: int | None = None, number: str = ""
) -> Marker:
    """A flag on a person, a place or a number (R68, R70). It is looked at again after the days that the policy says. Raises Invalid."""
    with transaction.atomic():
        policy = force.policy_at(at).policy
        declared = policy.marker_kind(kind)
        if declared is None:
            raise Invalid(kind="Choose what kind of flag it is.")
        who = Person.objects.filter(pk=person).first() if person else None
        where = Place.objects.filter(pk=place).first() if place else None
        said = normal_number(number)
        of = [name for name, value in (("person", who), ("place", where), ("number", said)) if value]
        if not of or not set(of) <= set(declared.stands_for):
            allowed = " or a ".join(declared.stands_for)
            raise Invalid(on=f"“{declared.label}” is a flag of a {allowed}: choose which.")
        row = _new(declared, words, policy, at, by=by, person=who, place=where, number=said)
        _step(row, What.ADDED, "", by=by, at=at)
        access.log("collection", subject=("marker", row.pk), reason="a flag was put on record", by=by, at=at)
        facts.tell(tells.MarkerAdded(marker=row.pk, kind=kind, level=row.level), by=by, at=at)
        return row


def confirm(*, marker: int, until: date, because: str, by: str, at: datetime) -> Marker:
    """Somebody looked at it again: it holds until a day, at most as long as its kind allows. Raises Invalid, Refused."""
    with transaction.atomic():
        row, policy = _open(marker), force.policy_at(at).policy
        if row.challenged_at:
            raise Refused("It is challenged: answer the challenge first.")
        today, last = force.local_day(at), _review_by(policy.marker_kind(row.kind), at)
        if not today < until <= last:
            raise Invalid(until=f"Choose a day after today and not after {last:%d %B %Y}.")
        _reason(because, policy)
        row.review_by_date = until
        row.save(update_fields=["review_by_date"])
        _step(row, What.CONFIRMED, because, by=by, at=at, until=until)
        duties.settle("flag_review", subject=("marker", row.pk), by=by, at=at)
        facts.tell(tells.MarkerConfirmed(marker=row.pk), by=by, at=at)
        return row


def challenge(*, marker: int, because: str, by: str, at: datetime) -> Marker:
    """Whoever works with it says why it is wrong. It stays on the screen as challenged, and an answer is owed. Raises Invalid."""
    with transaction.atomic():
        row, policy = _open(marker), force.policy_at(at).policy
        _reason(because, policy)
        _step(row, What.CHALLENGED, because, by=by, at=at)
        if row.challenged_at is None:
            row.challenged_at = at
            row.save(update_fields=["challenged_at"])
        due_at = at + timedelta(seconds=policy.markers.decide_s)
        duties.owe(kind="flag_challenge", subject=("marker", row.pk), owner=DECIDES, due_at=due_at, by=by, at=at)
        facts.tell(tells.MarkerChallenged(marker=row.pk), by=by, at=at)
        return row


def keep(*, marker: int, because: str, by: str, at: datetime) -> Marker:
    """A challenge is answered: it is right, because …. Raises Refused for whoever challenged it, and where nobody did."""
    with transaction.atomic():
        row, policy = _open(marker), force.policy_at(at).policy
        if row.challenged_at is None:
            raise Refused("Nobody challenges this flag.")
        _not_the_same(row, by)
        _reason(because, policy)
        row.challenged_at = None
        row.save(update_fields=["challenged_at"])
        _step(row, What.KEPT, because, by=by, at=at)
        duties.settle("flag_challenge", subject=("marker", row.pk), by=by, at=at)
        facts.tell(tells.MarkerKept(marker=row.pk), by=by, at=at)
        return row


def correct(*, marker: int, words: Words, because: str, by: str, at: datetime) -> Marker:
    """Another row takes its place, with the right words; the wrong one stays to be read, and looking back shows what was shown.

    Of a flag with a code, a code that is not given is the old one. Raises Invalid, Refused.
    """
    with transaction.atomic():
        old, policy = _open(marker), force.policy_at(at).policy
        _not_the_same(old, by)
        _reason(because, policy)
        kind = policy.marker_kind(old.kind)
        code = words.code or (codes.of(old.pk) if kind and kind.has_code else "")
        _take_off(old, because, by=by, at=at)
        new = _new(
            kind or _undeclared(old),
            Words(**{**words.__dict__, "code": code}),
            policy,
            at,
            by=by,
            person=old.person,
            place=old.place,
            number=old.number,
            corrects=old,
        )
        _step(new, What.CORRECTED, because, by=by, at=at)
        access.log("alteration", subject=("marker", new.pk), reason=f"corrects flag {old.pk}", by=by, at=at)
        facts.tell(tells.MarkerCorrected(marker=new.pk, corrects=old.pk, kind=new.kind, level=new.level), by=by, at=at)
        return new


def remove(*, marker: int, because: str, by: str, at: datetime) -> Marker:
    """It no longer counts; who, when and why stays to be read, and so do its words. A code is destroyed. Raises Invalid, Refused."""
    with transaction.atomic():
        row, policy = _open(marker), force.policy_at(at).policy
        _not_the_same(row, by)
        _reason(because, policy)
        _take_off(row, because, by=by, at=at)
        _step(row, What.REMOVED, because, by=by, at=at)
        access.log("alteration", subject=("marker", row.pk), reason="a flag was removed", by=by, at=at)
        facts.tell(tells.MarkerRemoved(marker=row.pk), by=by, at=at)
        return row


def last_day(row: Marker, at: datetime) -> date:
    """Until when it could be confirmed today."""
    return _review_by(force.policy_at(at).policy.marker_kind(row.kind), at)


def owe_reviews(*, at: datetime, limit: int = 200) -> int:
    """What is past its review date is owed to whoever may decide; how many newly are. Called from time to time; a repeat is harmless."""
    with transaction.atomic():
        policy = force.policy_at(at).policy
        owed = Duty.objects.filter(kind="flag_review", subject_kind="marker", settled_at=None).values("subject_id")
        late = Marker.objects.filter(removed_at=None, review_by_date__lt=force.local_day(at)).exclude(pk__in=owed)
        found = list(late.order_by("review_by_date").values_list("pk", flat=True)[:limit])
        due_at = at + timedelta(seconds=policy.markers.review_s)
        for pk in found:
            duties.owe(kind="flag_review", subject=("marker", pk), owner=DECIDES, due_at=due_at, by="system:identity", at=at)
        return len(found)


def _new(
    kind: MarkerKind,
    words: Words,
    policy: Policy,
    at: datetime,
    *,
    by: str,
    person: Person | None,
    place: Place | None,
    number: str,
    corrects: Marker | None = None,
) -> Marker:
    title, text, source = words.title.strip() or kind.label, words.text.strip(), words.source.strip()
    for name, value, longest in (("title", title, 80), ("text", text, 240), ("source", source, 60)):
        if len(value) > longest or "\x00" in value:
            raise Invalid(**{name: f"Up to {longest} ordinary characters fit here."})
    if not source:
        raise Invalid(source="Say who says so: a warning without a source is a rumour.")
    if words.since > force.local_day(at):
        raise Invalid(since="It cannot be so since a day to come.")
    level = kind.level if words.level is None else words.level
    if level not in (1, 2, 3):
        raise Invalid(level="Choose 1 (may kill), 2 (serious) or 3 (to know).")
    row = Marker.objects.create(
        kind=kind.code,
        level=level,
        title=title,
        text=text,
        icon=kind.icon,
        person=person,
        place=place,
        number=number,
        source=source,
        since_date=words.since,
        review_by_date=_review_by(kind, at),
        recorded_at=at,
        recorded_by=by,
        corrects=corrects,
    )
    if kind.has_code:
        codes.keep(row, words.code)
    elif words.code:
        raise Invalid(code="Only a flag of an access code holds a code.")
    return row


def _take_off(row: Marker, because: str, *, by: str, at: datetime) -> None:
    row.removed_at, row.challenged_at = at, None
    row.save(update_fields=["removed_at", "challenged_at"])
    codes.destroy(row.pk)
    duties.settle(*OWED, subject=("marker", row.pk), by=by, at=at)


def _undeclared(row: Marker) -> MarkerKind:
    """A kind that came from another record and that the policy does not declare."""
    return MarkerKind(code=row.kind, label=row.title, level=row.level, icon=row.icon, stands_for=("person",), review_days=91)


def _not_the_same(row: Marker, by: str) -> None:
    """Raises Refused for whoever challenged it, alone or with others: somebody else decides."""
    if row.challenged_at is None:
        return
    mine = MarkerStep.objects.filter(marker=row, what=What.CHALLENGED, at__gte=row.challenged_at, by=by)
    if mine.exists():
        raise Refused("You challenged this flag: somebody else decides.")


def _open(marker: int) -> Marker:
    row = Marker.objects.select_for_update(of=("self",)).select_related("person", "place").get(pk=marker)
    if row.removed_at:
        raise Refused("This flag was removed already. Its history says by whom and why.")
    return row


def _step(row: Marker, what: str, because: str, *, by: str, at: datetime, until: date | None = None) -> None:
    MarkerStep.objects.create(marker=row, what=what, because=because.strip(), until_date=until, by=by, at=at)


def _reason(because: str, policy: Policy) -> None:
    if not rules.is_reason(because, policy):
        raise Invalid(because="Write why, so that somebody else understands it.")
    if len(because) > 2000 or "\x00" in because:
        raise Invalid(because="Up to 2,000 ordinary characters fit here.")


def _review_by(kind: MarkerKind | None, at: datetime) -> date:
    return force.local_day(at) + timedelta(days=kind.review_days if kind else 91)
