"""What do the officers have to know before they get there? The risk as it is written, the place, the caller, the warnings."""

from dataclasses import dataclass
from datetime import datetime

from watchroom.assessment import queries as assessment
from watchroom.assessment import scene
from watchroom.contacts.models import Contact
from watchroom.contacts.rules import shown_number
from watchroom.duties import queries as duties
from watchroom.force import queries as force
from watchroom.force.policy import Policy
from watchroom.identity.flags import disclosing
from watchroom.identity.flags import queries as flags
from watchroom.identity.flags.rules import Flag, in_order
from watchroom.incidents import board, evidence, queries
from watchroom.incidents.models import Evidence, Incident
from watchroom.shell.rules import grade_number
from watchroom.staff import queries as staff


@dataclass(frozen=True)
class Risk:
    """One element as it goes to the officers (R107): `T3`, and why."""

    letter: str
    level: int
    name: str
    rationale: str
    about: str  # whom it is about, when that is not the caller


@dataclass(frozen=True)
class Step:
    """One step of the job's journey: when it was done, or that it is owed."""

    label: str
    at: datetime | None
    state: str  # done, now, or nothing
    due_at: datetime | None = None


@dataclass(frozen=True)
class Line:
    """One line of advice, and whose it is."""

    kind: str
    label: str
    says: str
    source: str


@dataclass(frozen=True)
class Brief:
    incident: Incident
    kind: str
    contacts: list[Contact]
    risks: list[Risk]
    written: int  # elements written
    elements: int
    nothing_heard: str  # because …, where nothing was heard in any contact
    is_owed: bool  # a risk record is owed
    flags: list[Flag]  # as every reader of the job may see them
    marks: tuple[board.Mark, ...]
    steps: list[Step]
    holder: str  # who holds the risk
    asks: tuple[board.Mark, ...]  # what it asks of whoever reads it
    evidence: list[Evidence]  # that may be lost, what is not secured first
    advice: tuple[Line, ...]  # for the officers who attend (R58)
    advice_more: int  # lines that were left out

    @property
    def short(self) -> str:
        """`T3 H3 R3 V3`."""
        return " ".join(f"{risk.letter}{risk.level}" for risk in self.risks)

    @property
    def caller_number(self) -> str:
        """As it is read out."""
        return shown_number(self.contacts[0].caller_number) if self.contacts else ""

    @property
    def silence(self) -> str:
        """Why nobody speaks of a victim's flags to whoever answers there; empty where it may be done."""
        return disclosing.of_all(self.flags)

    @property
    def unsecured(self) -> int:
        return sum(one.is_open for one in self.evidence)

    @property
    def unwritten(self) -> int:
        return self.elements - self.written


def of(incident: Incident, *, at: datetime) -> Brief:
    policy = force.policy_at(at).policy
    contacts = list(queries.contacts_of(incident.pk))
    model = policy.model()
    given = [answer for contact in contacts for answer in assessment.answers(assessment.newest(contact.pk))]
    risks = [
        Risk(
            element.letter,
            answer.level or 0,
            element.name,
            answer.rationale,
            "" if answer.subject == "caller" else answer.subject,
        )
        for element in model.elements
        for answer in sorted(
            (a for a in given if a.element == element.code and a.level is not None), key=lambda a: -(a.level or 0)
        )
    ]
    nothing = [saved.because for c in contacts if (saved := assessment.saved(c.pk)) and saved.kind == saved.Kind.NOTHING_HEARD]
    found: dict[int, Flag] = {}
    for contact in contacts:
        for flag in flags.of(contact, at=at):  # what one of several callers may not hear is not spoken of to any
            if flag.silence or flag.marker not in found:
                found[flag.marker] = flag
    advice, left_out = advice_for(incident, contacts, policy=policy, at=at)
    types = {one.code: one.label for one in policy.incident_types}
    return Brief(
        incident=incident,
        kind=types.get(incident.kind, incident.kind),
        contacts=contacts,
        risks=risks,
        written=len({answer.element for answer in given}),
        elements=len(model.elements),
        nothing_heard=" ".join(nothing) if not risks else "",
        is_owed=not queries.risk_is_saved(incident.pk),
        flags=in_order(found.values()),
        marks=board.marks_of(contacts, at=at),
        steps=_steps(incident, contacts),
        holder=staff.name(incident.risk_holder),
        asks=board.asks_of(incident, at=at),
        evidence=sorted(evidence.of_log(incident.pk), key=lambda one: (not one.is_open, one.perishable_until or queries.FOREVER)),
        advice=advice,
        advice_more=left_out,
    )


def advice_for(
    incident: Incident, contacts: list[Contact], *, policy: Policy, at: datetime, most: int = scene.MOST
) -> tuple[tuple[Line, ...], int]:
    """(what officers are told, how many lines were left out): of the question set of the type, its answers, and the cues in play.

    The evidence that was noted stands beside it, not in it.
    """
    sets = assessment.library()
    own = assessment.opened_by(incident.kind)
    given = [assessment.answers_given(contact.pk) for contact in contacts]
    said: list[scene.Advice] = []
    for contact in contacts:
        said += scene.advice_of_cues(assessment.cues(contact, at=at), policy)
    for code in dict.fromkeys([*([own.code] if own else []), *(code for one in given for code in one)]):
        for answers in (one.get(code, {}) for one in given) if code in sets else ():
            said += scene.advice_of_answers(sets[code], answers)
    found, left_out = scene.in_order(said, most=most)
    return tuple(Line(one.kind, scene.KINDS[one.kind], one.says, one.source) for one in found), left_out


def _steps(incident: Incident, contacts: list[Contact]) -> list[Step]:
    sent = next((duty for duty in duties.open_for(("incident", incident.pk)) if duty.kind == "deployment"), None)
    has_gone = sent is not None or incident.attended_at is not None
    grade = _grade_words(incident)
    done: list[tuple[str, datetime | None, datetime | None]] = [
        (
            "Rang" if contacts and contacts[0].is_call else "Wrote",
            contacts[0].transferred_at if contacts else incident.opened_at,
            None,
        ),
        ("Shared", incident.opened_at, None),
        (grade, incident.graded_at, None),
    ]
    if incident.grade != "rwd":
        done += [
            ("Unit", sent.opened_at if sent else incident.attended_at if has_gone else None, None),
            ("Scene", incident.attended_at, incident.attend_by),
        ]
    done.append(("Result", incident.closed_at, None))
    steps, is_now = [], True
    for label, when, due_at in done:
        state = "done" if when else "now" if is_now else ""
        is_now = is_now and bool(when)
        steps.append(Step(label, when, state, due_at))
    return steps


def _grade_words(incident: Incident) -> str:
    return f"Grade {grade_number(incident.grade)}" if incident.grade else "Grade"
