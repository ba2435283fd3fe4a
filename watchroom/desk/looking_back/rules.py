"""What was known at this second, and which steps were missing then? Pure: rows in, what stood then out (R82, R76, R78).

A `Row` says *when it became known*, which for a line entered later is not when it happened. Nothing of a row is used before
that. Each kind of row changes what stands by one small function of the table `STEPS`; a kind that is not in it is shown in
words and changes nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from watchroom.assessment import rules as risk
from watchroom.force.policy import Policy


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One thing that came to be known: a fact with the words that belong to it, or a row of a table that only grows."""

    key: str  # unique and stable: fact-12, answer-4
    known_at: datetime
    at: datetime  # when it happened
    kind: str  # the name of the fact; "Answered", "CueSaid" and "RecordBegun" for rows that need more than their fact says
    about: tuple[str, int]
    by: str
    body: Mapping[str, Any]
    number: int = 0  # of the fact's row: in which order what has the same time was told

    @property
    def was_late(self) -> bool:
        return self.known_at - self.at > timedelta(minutes=1)


@dataclass
class ContactThen:
    pk: int
    channel: str = ""
    stages: dict[str, datetime] = field(default_factory=dict)  # arrived, answered, gave_up, ended, written_up
    how_ended: str = ""
    place: str = ""
    place_id: int | None = None
    attention: int = 0
    record: int = 0  # the risk record that counts: the last one begun
    records: dict[int, datetime] = field(default_factory=dict)
    answers: dict[tuple[int, str, str], risk.Answer] = field(default_factory=dict)
    cues: list[tuple[str, bool, str]] = field(default_factory=list)  # as a person, a question or the line said them, in order
    saved_at: datetime | None = None
    nothing_heard: str | None = None

    @property
    def given(self) -> tuple[risk.Answer, ...]:
        return tuple(answer for (record, _, _), answer in self.answers.items() if record == self.record)


@dataclass
class DutyThen:
    pk: int
    kind: str
    about: tuple[str, int]
    owner: str
    due_at: datetime
    opened_at: datetime
    is_raised: bool = False


@dataclass
class UnitThen:
    pk: int
    name: str
    assigned_at: datetime
    steps: dict[str, datetime] = field(default_factory=dict)  # en_route, arrived

    @property
    def is_there(self) -> bool:
        return "arrived" in self.steps


@dataclass
class Known:
    """The incident as it was known at `at`. `rows` are all rows known by then, in the order in which they became known."""

    at: datetime
    rows: tuple[Row, ...]
    contacts: dict[int, ContactThen] = field(default_factory=dict)
    duties: dict[int, DutyThen] = field(default_factory=dict)  # those still open
    units: dict[int, UnitThen] = field(default_factory=dict)  # those still on it
    lines: list[Row] = field(default_factory=list)
    decisions: list[Row] = field(default_factory=list)
    opened_at: datetime | None = None
    kind: str = ""
    grade: str = ""
    graded_at: datetime | None = None
    attend_by: datetime | None = None
    delayed_until: datetime | None = None
    attended_at: datetime | None = None
    closed_at: datetime | None = None
    category: str = ""
    headline: str = ""
    holder: str = ""
    outcome: str = ""
    looked_at: datetime | None = None  # when the risk was last judged, or judged again
    asked: dict[int, Row] = field(default_factory=dict)  # proposals that wait for a second person

    @property
    def is_open(self) -> bool:
        return self.opened_at is not None and self.closed_at is None

    def contact(self, pk: int) -> ContactThen:
        return self.contacts.setdefault(pk, ContactThen(pk))


def in_order(rows: Iterable[Row]) -> list[Row]:
    """As they became known; within one second's act as they were told."""
    return sorted(rows, key=lambda row: (row.known_at, row.number, row.key))


def as_known(rows: Iterable[Row], at: datetime) -> Known:
    """What stood at `at`. A row that became known later changes nothing and is not in it."""
    known = Known(at, tuple(row for row in in_order(rows) if row.known_at <= at))
    for row in known.rows:
        step = STEPS.get(row.kind)
        if step:
            step(known, row)
    return known


# --- what each kind of row changes --------------------------------------------------------------------------------------


def _stage(name: str) -> Callable[[Known, Row], None]:
    def step(known: Known, row: Row) -> None:
        contact = known.contact(row.about[1])
        contact.stages[name] = row.at
        contact.channel = row.body.get("channel", contact.channel)
        contact.how_ended = row.body.get("how", contact.how_ended)

    return step


def _line(known: Known, row: Row) -> None:
    known.lines.append(row)


def _place(known: Known, row: Row) -> None:
    contact = known.contact(row.about[1])
    contact.place, contact.place_id = row.body.get("words", ""), row.body.get("place", contact.place_id)


def _attention(known: Known, row: Row) -> None:
    known.contact(row.about[1]).attention = row.body["level"]


def _record(known: Known, row: Row) -> None:
    contact = known.contact(row.about[1])
    contact.records[row.body["assessment"]] = row.known_at
    contact.record = max(contact.records, key=lambda pk: (contact.records[pk], pk))


def _answer(known: Known, row: Row) -> None:
    body = row.body
    answer = risk.Answer(body["element"], body["level"], body["words"], body["subject"], body["source"])
    known.contact(row.about[1]).answers[body["assessment"], answer.element, answer.subject] = answer


def _cue(known: Known, row: Row) -> None:
    known.contact(row.about[1]).cues.append((row.body["cue"], row.body["is_present"], row.body["source"]))


def _saved(known: Known, row: Row) -> None:
    contact = known.contact(row.about[1])
    contact.saved_at, contact.nothing_heard = row.known_at, None
    known.looked_at = row.known_at
    if row.kind == "NothingHeardJudged":
        contact.nothing_heard = row.body.get("words", "")


def _opened(known: Known, row: Row) -> None:
    known.opened_at, known.kind = row.known_at, row.body["kind"]


def _retyped(known: Known, row: Row) -> None:
    known.kind = row.body["kind"]


def _graded(known: Known, row: Row) -> None:
    body = row.body
    known.decisions.append(row)
    known.grade, known.graded_at, known.attend_by = body["grade"], row.known_at, body.get("attend_by")
    known.delayed_until = None


def _delayed(known: Known, row: Row) -> None:
    known.delayed_until = row.body["until"]


def _attended(known: Known, row: Row) -> None:
    known.attended_at = row.at


def _closed(known: Known, row: Row) -> None:
    known.closed_at, known.category = row.at, row.body.get("category", "")


def _reopened(known: Known, row: Row) -> None:
    known.closed_at, known.category = None, ""


def _pinned(known: Known, row: Row) -> None:
    known.headline = row.body.get("words", "")


def _held(known: Known, row: Row) -> None:
    known.holder = row.body["holder"]


def _reviewed(known: Known, row: Row) -> None:
    known.looked_at = row.known_at


def _resolved(known: Known, row: Row) -> None:
    known.outcome = row.body["outcome"]


def _asked(known: Known, row: Row) -> None:
    known.asked[row.body["proposal"]] = row


def _answered(known: Known, row: Row) -> None:
    known.asked.pop(row.body["proposal"], None)


def _owed(known: Known, row: Row) -> None:
    body = row.body
    known.duties[body["duty"]] = DutyThen(
        body["duty"], body["kind"], (body["subject_kind"], body["subject_id"]), body["owner"], body["due_at"], row.known_at
    )


def _settled(known: Known, row: Row) -> None:
    known.duties.pop(row.body["duty"], None)


def _handed(known: Known, row: Row) -> None:
    if row.body["duty"] in known.duties:
        known.duties[row.body["duty"]].owner = row.body["owner"]


def _brought_forward(known: Known, row: Row) -> None:
    if row.body["duty"] in known.duties:
        known.duties[row.body["duty"]].due_at = row.body["due_at"]


def _raised(known: Known, row: Row) -> None:
    if row.body["duty"] in known.duties:
        known.duties[row.body["duty"]].is_raised = True


def _sent(known: Known, row: Row) -> None:
    known.units[row.body["unit"]] = UnitThen(row.body["unit"], row.body.get("words", ""), row.at)


def _moves(step: str) -> Callable[[Known, Row], None]:
    def move(known: Known, row: Row) -> None:
        if row.body["unit"] in known.units:
            known.units[row.body["unit"]].steps[step] = row.at

    return move


def _cleared(known: Known, row: Row) -> None:
    known.units.pop(row.body["unit"], None)


STEPS: dict[str, Callable[[Known, Row], None]] = {
    "ContactArrived": _stage("arrived"),
    "ContactAnswered": _stage("answered"),
    "ContactAbandoned": _stage("gave_up"),
    "ContactEnded": _stage("ended"),
    "ContactWrapped": _stage("written_up"),
    "LineWritten": _line,
    "EntryWritten": _line,
    "PlacePicked": _place,
    "PlaceSaid": _place,
    "AttentionRaised": _attention,
    "RecordBegun": _record,
    "Answered": _answer,
    "CueSaid": _cue,
    "RiskSaved": _saved,
    "NothingHeardJudged": _saved,
    "RiskReassessed": _saved,
    "IncidentOpened": _opened,
    "IncidentRetyped": _retyped,
    "GradeDecided": _graded,
    "AttendanceDelayed": _delayed,
    "IncidentAttended": _attended,
    "IncidentClosed": _closed,
    "IncidentReopened": _reopened,
    "HeadlinePinned": _pinned,
    "RiskHandedOver": _held,
    "RiskReviewed": _reviewed,
    "ResolvedWithoutDeployment": _resolved,
    "LessAsked": _asked,
    "LessAnswered": _answered,
    "DutyOpened": _owed,
    "DutySettled": _settled,
    "DutyHandedOver": _handed,
    "DutyBroughtForward": _brought_forward,
    "DutyOverdue": _raised,
    "UnitAssigned": _sent,
    "UnitEnRoute": _moves("en_route"),
    "UnitArrived": _moves("arrived"),
    "UnitCleared": _cleared,
}


# --- the risk as it stood -----------------------------------------------------------------------------------------------


def cues(contact: ContactThen, lines: Iterable[Row], markers: Iterable[tuple[str, int]], policy: Policy) -> frozenset[str]:
    """As `assessment.queries.cues` has them, of what was known then: heard in the words, on record, and said by a person, who overrules."""
    texts = [row.body["words"] for row in lines if row.about == ("contact", contact.pk) and row.body.get("origin") != "to_caller"]
    return risk.with_said({*risk.cues_in(texts, policy), *risk.cues_of_markers(markers, policy)}, contact.cues)


# --- which steps were missing -------------------------------------------------------------------------------------------


Sentence = tuple[str | datetime, ...]  # its times stay times, for the page to say in the force's own clock


@dataclass(frozen=True)
class Gap:
    """A step that the policy of that day asked for and that had not been taken. `since` is when it should have been there."""

    says: Sentence
    since: datetime


def gaps(known: Known, policy: Policy, labels: Mapping[str, str]) -> list[Gap]:
    """What was missing at that second, the longest first: duties past their time, reviews not done, promises broken.

    `labels` are the words of duties (`duties.kinds`). What is owed and still has time is no gap.
    """
    found = [
        Gap((f"{labels.get(duty.kind, duty.kind)}: owed since ", duty.opened_at, ", due by ", duty.due_at, "."), duty.due_at)
        for duty in known.duties.values()
        if duty.due_at < known.at
    ]
    for contact in known.contacts.values():
        answered = contact.stages.get("answered")
        if answered and contact.saved_at is None and known.grade and not _owes(known, "risk", contact.pk):
            found.append(Gap(("The risk is not on record; somebody answered at ", answered, "."), answered))
    if known.is_open and known.grade and known.attended_at is None:
        found += _waiting(known, policy)
    return sorted(found, key=lambda gap: gap.since)


def _waiting(known: Known, policy: Policy) -> Iterable[Gap]:
    """It is graded, and nobody has been there."""
    grade = next((one for one in policy.grades if one.code == known.grade), None)
    if grade is None:
        return
    last = max(filter(None, (known.looked_at, known.graded_at)), default=None)
    if grade.review_s is not None and last and known.at > last + timedelta(seconds=grade.review_s):
        every = f"; {grade.label} asks for one every {grade.review_s // 60} min."
        yield Gap(("No review of the risk since ", last, every), last + timedelta(seconds=grade.review_s))
    due = known.delayed_until or known.attend_by
    if due and due < known.at and not _owes(known, "attend", None):
        yield Gap(("Nobody has been there; it was promised by ", due, "."), due)
    if known.graded_at and not known.units and grade.canonical in ("immediate", "priority"):
        yield Gap(("Nobody is on the way, and it was graded at ", known.graded_at, "."), known.graded_at)


def _owes(known: Known, kind: str, contact: int | None) -> bool:
    return any(duty.kind == kind and (contact is None or duty.about == ("contact", contact)) for duty in known.duties.values())


# --- going from one to the next -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Steps:
    """The moments at which something became known, around `at`. `number` of `total` are behind it."""

    first: datetime | None
    before: datetime | None
    after: datetime | None
    last: datetime | None
    number: int
    total: int
    moments: tuple[datetime, ...]


def steps(rows: Sequence[Row], at: datetime) -> Steps:
    moments = sorted({row.known_at for row in rows})
    earlier = [moment for moment in moments if moment < at]
    later = [moment for moment in moments if moment > at]
    behind = sum(moment <= at for moment in moments)
    return Steps(
        first=moments[0] if moments else None,
        before=earlier[-1] if earlier else None,
        after=later[0] if later else None,
        last=moments[-1] if moments else None,
        number=behind,
        total=len(moments),
        moments=tuple(moments),
    )
