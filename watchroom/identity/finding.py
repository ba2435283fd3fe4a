"""Who on record is like what was said? The keys are looked up in one query, and each who is found is weighed (`likeness/`).

A lookup asks one function of the database, `watchroom_described`: row-level security would not let PostgreSQL use the index of the
keys, since “these arrays overlap” may in theory tell of rows that one may not see. The function holds to the force in scope itself.
"""

import threading
import time
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import add

from django.db import connection, transaction

from watchroom.foundation import memory, scope
from watchroom.identity.likeness import calibration, hearing, keys, model, reasons, verdict
from watchroom.identity.likeness.calibration import Call
from watchroom.identity.likeness.hearing import Heard
from watchroom.identity.likeness.model import Model, Weighed
from watchroom.identity.likeness.verdict import Belief, Found, Masses, Verdict
from watchroom.identity.likeness.words import ADDRESS, Columns, Said
from watchroom.identity.models import Common, Description

FIELDS = Said._fields
COUNTED_FOR = 600.0  # seconds that a process trusts its copy of the counts
SHOWN = 0.02  # who is less probable is not worth a line
SURE = 0.95  # with somebody so probable, it is not looked under further keys
PARTS = 1_000_000  # a share is kept as so many of a million
TWICE = 0.05  # of those on record, so many stand there twice; own judgement
BATCH = 2000  # descriptions in one statement
KEEP = (
    f"insert into identity_description (force, contact_id, source, seen_at, person_id, {', '.join(FIELDS)}, keys)"
    f" select %s, %s::bigint, %s, %s, person, {', '.join(FIELDS)}, keys::bigint[]"
    f" from unnest(%s::bigint[], {', '.join(['%s::text[]'] * len(FIELDS))}, %s::text[]) as x (person, {', '.join(FIELDS)}, keys)"
    " returning id"
)
LEARNT = ("belief", "heard", "kin")  # what is kept of these is learnt from calls, not counted among those on record
LOOKED = "identity.looked"  # what a transaction has looked up already
# Beside those who were counted, so many are supposed of whom each name is borne by this share: else in a small record each name is common.
SUPPOSED, RARE = 2000, 2e-4


@dataclass(frozen=True)
class Counts:
    """What is common in a force: names by how often they are borne, and the keys that too many share."""

    size: int
    names: dict[tuple[str, str], int]
    totals: dict[str, int]
    shared: dict[int, int]  # how many share a key, of those that too many do
    heard: Heard  # how often callers here are on record, and how they are heard

    @property
    def belief(self) -> Belief:
        return self.heard.belief

    @property
    def model(self) -> Model:
        return self.heard.model

    def frequency(self, field: str, value: str) -> float | None:
        """The share of those on record who bear this name; None where nothing was counted."""
        total = self.totals.get(field)
        return (self.names.get((field, value), 0) + SUPPOSED * RARE) / (total + SUPPOSED) if total else None


# Until when nobody asks again, the newest row then, and what was read.
_counts: dict[tuple[str, str], tuple[float, int, Counts]] = {}
_lock = threading.Lock()


def counts() -> Counts:
    """The counts of the force in scope. Every ten minutes a process looks whether they are still the newest, and reads them where they
    are not; meanwhile others go on with what they have.
    """
    where = memory.whose()
    kept = _counts.get(where)
    if kept and (kept[0] > time.monotonic() or _lock.locked()):
        return kept[2]
    with _lock:
        kept = _counts.get(where)
        if kept and kept[0] > time.monotonic():
            return kept[2]
        # whoever counts or learns makes new rows
        newest = Common.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        fresh = kept[2] if kept and kept[1] == newest else _read()
        _counts[where] = (time.monotonic() + COUNTED_FOR, newest, fresh)
    return fresh


def _read() -> Counts:
    names: dict[tuple[str, str], int] = {}
    totals: dict[str, int] = {}
    shared, size, believed = dict[int, int](), 0, dict[str, float]()
    learnt = dict[str, dict[str, float]](heard={}, kin={})
    for field, value, count in Common.objects.values_list("field", "value", "count").iterator():
        if field == "key":
            shared[int(value)] = count
        elif field == "all":
            size = count
        elif field == "belief":
            believed[value] = count / PARTS
        elif field in learnt:
            learnt[field][value] = count / PARTS
        else:
            names[field, value] = count
            totals[field] = totals.get(field, 0) + count
    return Counts(max(size, 1000), names, totals, shared, Heard(_believed(believed), _heard_so(**learnt)))


def _heard_so(heard: Mapping[str, float], kin: Mapping[str, float]) -> Model:
    """The model with what was learnt here of how callers are heard; as it was shipped where nothing was."""
    shipped = model.shipped()
    if not heard:
        return shipped
    same, home = (
        [[kept.get(_level(at, level), 0.0) for level in range(len(one))] for at, one in enumerate(shares)]
        for kept, shares in zip((heard, kin), shipped.shares, strict=True)
    )
    return shipped.heard_so(same, home)


def _level(comparison: int, level: int) -> str:
    return f"{comparison}/{level}"


def _believed(parts: dict[str, float]) -> Belief:
    """As `learn` keeps it: of an offset how far it is above nought or below, since a count is never negative."""
    shipped, none = verdict.shipped(), calibration.NONE
    correction = calibration.Correction(
        parts.get("slope", none.slope),
        parts.get("above", 0.0) - parts.get("below", 0.0),
        parts.get("at_most", none.at_most),
        round(parts.get("confirmed", 0) * PARTS),
    )
    known, kin = parts.get("known", shipped.known), parts.get("new_in_household", shipped.new_in_household)
    return replace(shipped, known=known, new_in_household=kin, correction=correction)


def count(*, at: datetime) -> int:
    """Count the names and the keys that too many share, anew. Returns how many descriptions there are.

    A lookup works without it, and is only less sharp: a Smith then weighs as much as a Whitcombe.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        force = scope.require()
        Common.objects.exclude(field__in=LEARNT).delete()
        for field in ("given", "family", "town"):
            cursor.execute(
                f"insert into identity_common (force, field, value, count) select %s, %s, {field}, count(*)"
                f" from identity_description where force = %s and {field} <> '' group by 3",
                [force, field, force],
            )
        cursor.execute(
            "insert into identity_common (force, field, value, count) select %s, 'key', key::text, count(*)"
            " from identity_description, unnest(keys) key where force = %s group by 3 having count(*) > %s",
            [force, force, keys.cap()],
        )
        size = Description.objects.count()
        Common.objects.create(field="all", value="", count=size)
    _counts.pop(memory.whose(), None)
    return size


def learn(
    calls: Iterable[Said],
    *,
    at: datetime,
    confirmed: Sequence[Call] = (),
    sure: Iterable[tuple[Said, Sequence[Said]]] = (),
    known: int | None = None,
) -> Belief:
    """How often those who call here are on record, how they are heard, and how far probabilities are to be corrected.

    It is kept until it is learnt anew. `calls`: what was said in calls of which nobody said who it was; `confirmed`: the others, as
    likeness had them then; `sure`: of those, what was said and how whoever it was is described on record; `known`: in how many calls
    somebody said who it was, where `confirmed` are fewer. They are shares of all calls, and nothing of any one: a room where nearly
    everybody is known says “likely” sooner.
    """
    with transaction.atomic():
        counted, shipped = counts(), Heard(verdict.shipped(), model.shipped())
        spoken = [said for said in calls if not said.is_empty]
        found = [_looked_up(said, replace(counted, heard=shipped)) for said in spoken]
        heard = hearing.learnt(
            [hearing.kinds(weighed, made) for _, weighed, made in found],
            shipped,
            sure=[_levels(said, records, counted) for said, records in sure if records],
            confirmed=len(confirmed) if known is None else known,
            again=_again(spoken),
        )
        belief, anew = heard.belief, replace(counted, heard=heard)
        made = [_looked_up(said, anew)[2] for said in spoken]
        unsaid = [Call(*one.likeliest(belief), None) for one in made if one.people]
        belief = replace(belief, correction=calibration.learnt([*confirmed, *unsaid]))
        slope, offset, at_most, number = belief.correction
        parts = {"known": belief.known, "new_in_household": belief.new_in_household}
        if number:
            parts |= {"slope": slope, "above": max(offset, 0.0), "below": max(-offset, 0.0), "at_most": at_most}
        Common.objects.filter(field__in=LEARNT).delete()
        Common.objects.bulk_create(
            [
                *(Common(field="belief", value=name, count=round(part * PARTS)) for name, part in parts.items()),
                Common(field="belief", value="confirmed", count=number),
                *(
                    Common(field=field, value=_level(comparison, level), count=round(share * PARTS))
                    for field, shares in zip(("heard", "kin"), heard.model.shares, strict=True)
                    for comparison, levels in enumerate(shares)
                    for level, share in enumerate(levels)
                    if share and heard.model is not shipped.model
                ),
            ]
        )
    _counts.pop(memory.whose(), None)
    return belief


def _again(calls: Sequence[Said]) -> frozenset[int]:
    """Which of these calls are of somebody who is heard in another of them: from the same number, or in the same words without one."""
    firsts = {said.number or said: at for at, said in enumerate(calls)}
    return frozenset(range(len(calls))).difference(firsts.values())


def _levels(said: Said, records: Sequence[Said], known: Counts) -> tuple[int, ...]:
    """On which levels somebody is with the description of them that fits best."""
    each = verdict.weighed(said, Columns.of(records), model=model.shipped(), frequency=known.frequency)
    return max(each, key=lambda one: one.same).levels


def likeliest(said: Said, person: int) -> tuple[float, float, bool]:
    """Before any correction: how probable whoever is likeliest is, all others together, and whether the likeliest is this person."""
    known = counts()
    masses = _looked_up(said, known)[2]
    is_it = masses.people.get(person, 0.0) == max(masses.people.values(), default=-1.0)
    return *masses.likeliest(known.belief), is_it


def named(said: Said, limit: int) -> "list[Named]":
    """Who is found by likeness, with the reasons, surest first; looked up once a transaction, however many parts of a page ask."""
    if said.is_empty:
        return []
    looked = memory.once(LOOKED, dict)
    if (said, limit) not in looked:
        looked[said, limit] = explain(said, verdicts(said, limit))
    return looked[said, limit]


def relearn() -> None:
    """How somebody is described, or whose a description is, has changed: what this transaction has looked up counts no longer."""
    memory.forget(LOOKED)


def describe(*, person: int, said: Said, source: str, at: datetime, contact: int | None = None) -> int:
    """Keep how this person is described, so that they are found by it; the description's id. Called within the action that learned it."""
    return _keep([(person, said)], source=source, at=at, contact=contact)[0]


def describe_all(described: Sequence[tuple[int, Said]], *, source: str, at: datetime) -> None:
    """The same for many: (person, in normal form)."""
    for start in range(0, len(described), BATCH):
        _keep(described[start : start + BATCH], source=source, at=at)


def _keep(described: Sequence[tuple[int, Said]], *, source: str, at: datetime, contact: int | None = None) -> list[int]:
    """In one statement, however many they are (row-level security allows no COPY). Returns the ids."""
    relearn()
    force, columns = scope.require(), zip(*(said for _, said in described), strict=True)
    every = ["{" + ",".join(map(str, keys.of_record(said, force))) + "}" for _, said in described]
    with connection.cursor() as cursor:
        cursor.execute(
            KEEP, [force, contact, source, at, [person for person, _ in described], *(list(column) for column in columns), every]
        )
        return [identifier for (identifier,) in cursor.fetchall()]


def forget(*, person: int, contact: int) -> None:
    """They are no longer found by what was said in this contact: it was somebody else. The words stay to be read."""
    relearn()
    Description.objects.filter(person_id=person, contact_id=contact).update(keys=[])


def forget_value(*, person: int, gone: Said) -> None:
    """This number, or this address, is not theirs after all: descriptions that hold it are found without it."""
    relearn()
    rows = Description.objects.filter(person_id=person)
    if gone.number:
        fields: tuple[str, ...] = ("number",)
        rows = rows.filter(number=gone.number)
    elif gone.street:
        fields = ADDRESS
        rows = rows.filter(house=gone.house, street=gone.street)
    else:
        return
    for row in rows:
        for field in fields:
            setattr(row, field, "")
        row.keys = keys.of_record(said_of(row), scope.require()) if row.keys else []
        row.save(update_fields=[*fields, "keys"])


def said_of(row: Description) -> Said:
    return Said(**{field: getattr(row, field) for field in FIELDS})


def find(wanted: Iterable[int]) -> Found:
    """The descriptions under these keys, and whose they are. Several may be of one person, each with other words."""
    return _parted(_described(wanted))


def _described(wanted: Iterable[int]) -> dict[str, None]:
    """One line a description; what stands there twice in the same words is there once."""
    asked = ",".join(map(str, wanted))
    if not asked:
        return {}
    with connection.cursor() as cursor:
        cursor.execute("select watchroom_described(%s::text::bigint[])", [f"{{{asked}}}"])
        told = cursor.fetchone()[0]
    return dict.fromkeys(told.split("\x1e")) if told else {}


def _parted(lines: Iterable[str]) -> Found:
    columns = list(zip(*[line.split("\x1f") for line in lines], strict=True))
    return Found(list(map(int, columns[0])), Columns._make(columns[1:])) if columns else Found([], Columns.of([]))


@dataclass(frozen=True)
class Named:
    """Somebody whom this may be, with what speaks for it and against it in words."""

    person: int
    relation: verdict.Relation
    probability: float
    household: float  # that it is somebody else of their household
    because: tuple[str, ...]
    against: tuple[str, ...]


def alike(said: Said, *, but: int) -> list[Verdict]:
    """Who else may be this person, each judged alone, the likeliest first: of three records of one person all three may be it.

    (A caller is one of those who are found; so there they share what speaks for a name. Here they do not.)
    """
    known, judged, belief = counts(), [], replace(verdict.shipped(), known=TWICE)
    known = replace(known, heard=Heard(belief, model.shipped()))  # two records are not heard as a call is
    found, weighed, _ = _looked_up(said, known, but)
    for person in {*found}:
        own = [weighed[at] for at, record in enumerate(found) if record == person]
        alone = [person] * len(own)
        judged.append(next(verdict.judged(alone, own, verdict.masses(alone, own, model=known.model, size=known.size), belief)))
    return sorted(judged, key=lambda one: (-one.probability, one.record))


def verdicts(said: Said, most: int | None = None) -> list[Verdict]:
    """The people whom this may be, each once by the description that fits best, the likeliest first; `record` is the person's id.

    `most`: of so many; without it of all who were found.
    """
    known, best = counts(), dict[int, Verdict]()
    for one in verdict.judged(*_looked_up(said, known), known.belief):
        if len(best) == most:
            break
        best.setdefault(one.record, one)
    return list(best.values())


def compared(said: Said, records: Sequence[Sequence[Said]]) -> dict[int, Named]:
    """How like what was said these records of another system are, as if they stood in our own: the place in `records` → verdict.

    Each may be described in several ways, an address or number in each; the one that fits best counts.
    """
    if said.is_empty:
        return {}
    known = counts()
    found = Found.of((place, one) for place, ways in enumerate(records) for one in ways)
    judged = verdict.judge(said, found, model=known.model, frequency=known.frequency, size=known.size, belief=known.belief)
    best: dict[int, Verdict] = {}
    for one in judged:
        best.setdefault(one.record, one)
    return {one.person: one for one in explain(said, best.values(), least=0.0)}


def _looked_up(said: Said, known: Counts, but: int | None = None) -> tuple[list[int], list[Weighed], Masses]:
    """Whose descriptions were found, what speaks for each, and what that comes to together.

    Under the strongest keys, and where those find nobody who is surely meant, under all; but whoever said all there is to say and is
    not found under any of the strongest (in a made-up town of a million four callers of 760 on record) is not looked for under weaker ones.
    """
    force, own = scope.require(), f"{but}\x1f"

    def look(wanted: Sequence[int], before: Container[str] = ()) -> tuple[dict[str, None], Found]:
        lines = _described(wanted)
        new = [line for line in lines if line not in before] if before else list(lines)
        return lines, _parted([line for line in new if not line.startswith(own)] if but else new)

    def weigh(found: Found) -> tuple[list[int], list[Weighed]]:
        return verdict.weighed_together(said, found, model=known.model, frequency=known.frequency, rarer=rarer, levels=levels)

    first = keys.of_query(said, force)
    lines, found = look(keys.light(first, known.shared))
    levels = known.model.levels(said, found.words)
    rarer = verdict.both_names(said, known.frequency, known.size, _namesakes(said, found, known, force))
    records, weighed = weigh(found)
    masses = verdict.masses(records, weighed, model=known.model, size=known.size)
    if masses.likeliest(known.belief)[0] < SURE and not said.is_whole:
        then = keys.of_second_look(said, force)
        _, more = look(keys.light(then, known.shared) + keys.heavy([*first, *then], known.shared), lines)
        found = Found(found.records + more.records, found.words.and_also(more.words))
        levels = list(map(add, levels, known.model.levels(said, more.words)))
        records, weighed = weigh(found)  # all anew: how many names are alike counts
        masses = verdict.masses(records, weighed, model=known.model, size=known.size)
    return records, weighed, masses


def _namesakes(said: Said, found: Found, known: Counts, force: str) -> int:
    """How many on record bear both names: as many as were found, or as were counted where they are too many to be looked under."""
    for key in keys.of_both_names(said, force):
        if key in known.shared:
            return known.shared[key]
    names = zip(found.records, found.words.given, found.words.family, strict=True)
    return len({record for record, given, family in names if given == said.given and family == said.family})


def explain(said: Said, judged: Iterable[Verdict], least: float = SHOWN) -> list[Named]:
    """The same in words, of those who are at least so probable."""
    known = counts()
    tell = verdict.teller(said, model=known.model, frequency=known.frequency)
    return [
        Named(one.record, one.relation, one.probability, one.household, *reasons.in_words(tell(one)))
        for one in judged
        if one.probability >= least or one.household >= least
    ]
