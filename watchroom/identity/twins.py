"""Are two records of one person? Proposed by likeness, judged by a person, and a judgement can be taken back (R65, ADR 13).

Nothing is poured together. Both records keep their numbers, addresses, flags and contacts; `Person.same_as` says that they are
read as one, and `Twins` keeps who said so and why. Nobody is held to be another by likeness alone: the nightly look only proposes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from watchroom.foundation import access, digest, facts, locks
from watchroom.foundation.errors import Refused
from watchroom.foundation.words import written
from watchroom.identity import facts as tells
from watchroom.identity import finding, queries, rules
from watchroom.identity.finding import Named
from watchroom.identity.likeness import verdict
from watchroom.identity.models import Description, Person, Sweep, Twins

LOCK = "identity-twins"
LEAST, LONGEST = 8, 1000  # of a reason: letters and digits, characters
CHUNK = 200  # descriptions in one transaction of the nightly look
MOST_OPEN = 500  # proposals that wait; more are no help to who reads them, and the look goes on when some are judged


# --- proposing


def like(person: int) -> list[Named]:
    """Who else on record is likely the same person, by any of their descriptions; the likeliest first."""
    best: dict[int, Named] = {}
    for row in Description.objects.filter(person_id=person).exclude(keys=[]):
        for one in _others(row):
            if one.person not in best or one.probability > best[one.person].probability:
                best[one.person] = one
    return sorted(best.values(), key=lambda one: (-one.probability, one.person))


def _others(row: Description) -> list[Named]:
    said = finding.said_of(row)
    judged = [one for one in finding.alike(said, but=row.person_id) if one.relation == "same_person"]
    return finding.explain(said, [one for one in judged if one.probability >= verdict.shipped().likely])


def propose(person: int, found: Named, *, source: str, at: datetime, model: str = "") -> Twins | None:
    """Keep that these two may be one; None where somebody has judged them already, or it is proposed already."""
    one, other = sorted((queries.head_of(person), queries.head_of(found.person)))
    if one == other:
        return None
    ones, others = queries.whole([one]), queries.whole([other])
    either_way = Q(one_id__in=ones, other_id__in=others) | Q(one_id__in=others, other_id__in=ones)
    if Twins.objects.filter(either_way, undone_at=None).exists():
        return None
    return Twins.objects.create(
        one_id=one, other_id=other, probability=found.probability, because=list(found.because), against=list(found.against),
        source=source, model=model, found_at=at,
    )  # fmt: skip


@transaction.atomic
def propose_by_hand(person: int, other: int, *, because: str, at: datetime) -> Twins | None:
    """Somebody who may not judge them has a reason to think that these two are one, whatever their likeness."""
    locks.hold(LOCK)
    alike = next((one for one in like(person) if one.person == other), None)
    reasons = (because, *(alike.because if alike else ()))
    found = Named(other, "same_person", alike.probability if alike else 0.0, 0.0, reasons, alike.against if alike else ())
    return propose(person, found, source="research", at=at)


@transaction.atomic
def look(person: int, *, at: datetime) -> int:
    """Somebody asks who else this may be. Returns how many pairs are proposed anew."""
    locks.hold(LOCK)
    head = queries.head_of(person)
    return sum(propose(head, one, source="look", at=at) is not None for one in like(head))


@dataclass(frozen=True)
class Swept:
    """What a look through the record came to: descriptions looked at, pairs proposed, and whether it went to the end."""

    looked: int
    proposed: int
    is_done: bool


def sweep(*, at: datetime, told: Callable[[int, int], None] = lambda done, total: None) -> Swept:
    """Look through what came on record since the last time, and propose who stands there twice.

    A transaction for each few hundred: it goes on where it stopped, and two at once do nothing twice. Ends early when so many
    proposals wait that nobody would read more.
    """
    with transaction.atomic():
        run = _run(at)
        before = run.looked
        run.total = before + Description.objects.filter(pk__gt=run.upto).exclude(keys=[]).count()
        run.save(update_fields=["total"])
    looked = proposed = 0
    while True:
        with transaction.atomic():
            locks.hold(LOCK)
            run.refresh_from_db()
            if Twins.objects.filter(judged="", undone_at=None).count() >= MOST_OPEN:
                return Swept(looked, proposed, False)
            rows = list(Description.objects.filter(pk__gt=run.upto).exclude(keys=[]).order_by("pk")[:CHUNK])
            new = sum(propose(row.person_id, one, source="night", at=at) is not None for row in rows for one in _others(row))
            if rows:
                run.upto = rows[-1].pk
            run.looked, run.proposed, run.ended_at = run.looked + len(rows), run.proposed + new, None if rows else at
            run.save(update_fields=["upto", "looked", "proposed", "ended_at"])
        looked, proposed = looked + len(rows), proposed + new
        told(before + looked, run.total)
        if not rows:
            return Swept(looked, proposed, True)


def _run(at: datetime) -> Sweep:
    locks.hold(LOCK)
    last = Sweep.objects.filter(way=Sweep.Way.OWN).order_by("pk").last()
    if last and last.ended_at is None:
        return last
    return Sweep.objects.create(begun_at=at, upto=last.upto if last else 0)


# --- judging


def open_pairs() -> list[Twins]:
    """What waits to be judged, the likeliest first. Pairs that came to be of one person since are left out."""
    rows = Twins.objects.filter(judged="", undone_at=None).select_related("one", "other").order_by("-probability", "pk")
    return [row for row in rows[:MOST_OPEN] if row.one.head != row.other.head]


def judged_of(person: int) -> list[Twins]:
    """What was judged of a person's records and stands, the newest first."""
    records = queries.whole([queries.head_of(person)])
    rows = Twins.objects.filter(Q(one_id__in=records) | Q(other_id__in=records), undone_at=None).exclude(judged="")
    return list(rows.select_related("one", "other").order_by("-at"))


@transaction.atomic
def hold_same(*, twins: int, because: str, by: str, at: datetime) -> Twins:
    """They are one person: both records are read as one from now on. Raises Invalid without a reason; a repeat changes nothing."""
    row = _locked(twins)
    if row.judged == Twins.Judged.SAME:
        return row
    if row.judged:
        raise Refused("They are held to be two people. Take that back first.")
    reason = _reason(because)
    if queries.head_of(row.one_id) == queries.head_of(row.other_id):
        raise Refused("They are read as one person already.")
    _judge(row, Twins.Judged.SAME, reason, by=by, at=at)
    _regroup(row)
    facts.tell(
        tells.HeldSame(person=row.one_id, other=row.other_id, twins=row.pk, digest=digest.of(row.secret, reason)), by=by, at=at
    )
    for pk in (row.one_id, row.other_id):
        access.log("combination", subject=("person", pk), reason=f"held to be one person, pair {row.pk}", by=by, at=at)
    return row


@transaction.atomic
def hold_apart(*, twins: int, because: str, by: str, at: datetime) -> Twins:
    """They are two people: they are not proposed again. Raises Invalid without a reason; a repeat changes nothing."""
    row = _locked(twins)
    if row.judged == Twins.Judged.APART:
        return row
    if row.judged:
        raise Refused("They are read as one person. Take that back first.")
    reason = _reason(because)
    _judge(row, Twins.Judged.APART, reason, by=by, at=at)
    facts.tell(
        tells.HeldApart(person=row.one_id, other=row.other_id, twins=row.pk, digest=digest.of(row.secret, reason)), by=by, at=at
    )
    return row


@transaction.atomic
def take_back(*, twins: int, because: str, by: str, at: datetime) -> Twins:
    """It was judged wrongly: each record stands for itself again, with what it had, and the pair may be judged anew."""
    row = _locked(twins)
    if not row.judged:
        raise Refused("Nobody has judged this pair yet.")
    reason = _reason(because)
    row.undone_at, row.undone_by, row.undone_because = at, by, reason
    row.save(update_fields=["undone_at", "undone_by", "undone_because"])
    if row.judged == Twins.Judged.SAME:
        _regroup(row)
        for pk in (row.one_id, row.other_id):
            access.log("combination", subject=("person", pk), reason=f"taken apart, pair {row.pk}", by=by, at=at)
    facts.tell(
        tells.JudgementTakenBack(person=row.one_id, other=row.other_id, twins=row.pk, digest=digest.of(row.secret, reason)),
        by=by, at=at,
    )  # fmt: skip
    again = {"probability": row.probability, "because": row.because, "against": row.against, "source": row.source,
        "model": row.model}  # fmt: skip
    Twins.objects.create(one_id=row.one_id, other_id=row.other_id, found_at=at, **again)
    return row


def _locked(twins: int) -> Twins:
    locks.hold(LOCK)
    row = Twins.objects.select_for_update(of=("self",)).get(pk=twins)
    if row.undone_at:
        raise Refused("This judgement was taken back. The pair stands in the list again.")
    return row


def _reason(because: str) -> str:
    return written(because, field="because", says="Say what shows it", least=LEAST, most=LONGEST)


def _judge(row: Twins, judged: str, reason: str, *, by: str, at: datetime) -> None:
    row.judged, row.reason, row.by, row.at = judged, reason, by, at
    row.save(update_fields=["judged", "reason", "by", "at"])


def _regroup(row: Twins) -> None:
    """Who is read as whom, anew from all judgements that stand, for everybody whom this one touches."""
    members = queries.whole([queries.head_of(pk) for pk in (row.one_id, row.other_id)])
    standing = Twins.objects.filter(judged=Twins.Judged.SAME, undone_at=None, one_id__in=members, other_id__in=members)
    heads = rules.heads(standing.values_list("one_id", "other_id"))
    for person in Person.objects.select_for_update(of=("self",)).filter(pk__in=members):
        head = heads.get(person.pk, person.pk)
        person.same_as_id = head if head != person.pk else None
        person.save(update_fields=["same_as"])
    for described in Description.objects.filter(person_id__in=members):  # an index, no record: it follows the head
        own = described.came_with_id or described.person_id
        head = heads.get(own, own)
        described.person_id, described.came_with_id = head, own if head != own else None
        described.save(update_fields=["person", "came_with"])
    finding.relearn()
