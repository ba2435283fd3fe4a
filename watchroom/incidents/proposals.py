"""Asking a second person for less, or for later; answering; and what happens when nobody answers (ADR 11)."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from watchroom.assessment import actions as assessment
from watchroom.duties import actions as duties
from watchroom.force import queries as force
from watchroom.foundation import digest, facts
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.facts import Told
from watchroom.incidents import actions, clocks, interlock, queries
from watchroom.incidents import facts as tells
from watchroom.incidents.models import Incident, Proposal

FIRST, HIGHER = "desk:supervisor", "desk:inspector"  # who answers, and to whom it climbs


@transaction.atomic
def ask(
    *,
    incident: int,
    kind: str,
    reason: str,
    by: str,
    at: datetime,
    to: str = "",
    until: datetime | None = None,
    category: str = "",
    result: str = "",
    safeguarding: str = "",
) -> Proposal:
    """Ask a second person to let less happen, or later. The risk has to have been looked at for it (`look_again`).

    Raises Refused with all that is missing.
    """
    policy = force.policy_at(at).policy
    row = actions.lock(incident)
    case = queries.case(row, at=at)
    problems = interlock.may_ask(kind, case, reason=reason, policy=policy, now=at, to=to, until=until, safeguarding=safeguarding)
    if queries.asked(incident):
        problems.append("Something is already asked for this log. Withdraw it first, or wait for the answer.")
    if kind == "close" and not problems:
        problems = actions.problems_of_closing(row, category=category, result=result, at=at, is_approved=True)
    if problems or case.assessment is None:
        raise Refused(*problems)
    if kind == "cancel":
        to = next(grade.code for grade in policy.grades if not grade.needs_deployment)
    proposal = Proposal.objects.create(
        incident=row,
        kind=kind,
        grade=row.grade,
        to=to if kind in ("downgrade", "cancel") else "",
        until=until if kind == "delay" else None,
        category=category if kind == "close" else "",
        result=result.strip() if kind == "close" else "",
        reason=reason.strip(),
        safeguarding=safeguarding.strip(),
        suggested=case.suggested or "",
        assessment_id=case.assessment,
        asked_by=by,
        asked_at=at,
        lapses_at=at + timedelta(seconds=policy.interlock.lapses_after_s),
    )
    subject = ("incident", row.pk)
    climbs_at = at + timedelta(seconds=policy.interlock.climbs_after_s)
    duties.owe(kind="approve", subject=subject, owner=FIRST, due_at=climbs_at, by=by, at=at)
    duties.owe(kind="lapse", subject=subject, owner=FIRST, due_at=proposal.lapses_at, by=by, at=at)
    facts.tell(
        tells.LessAsked(
            incident=row.pk,
            proposal=proposal.pk,
            kind=kind,
            grade=row.grade,
            to=proposal.to,
            until=proposal.until,
            assessment=proposal.assessment_id,
            digest=digest.of(row.secret, proposal.reason),
        ),
        by=by,
        at=at,
    )
    return proposal


@transaction.atomic
def look_again(
    *,
    incident: int,
    stage: str,
    changed: str,
    victim: str,
    victim_said: str,
    changes: dict[str, tuple[int, str]],
    by: str,
    at: datetime,
) -> None:
    """Judge the risk again, on the record of whoever rang first. Later callers' records stand: the gravest of all counts."""
    row = actions.lock(incident)
    if not row.is_open:
        raise Refused(f"Log {row.reference} is closed.")
    assessment.reassess(
        contact=queries.contacts_of(incident)[0].pk,
        stage=stage,
        changed=changed,
        victim=victim,
        victim_said=victim_said,
        changes=changes,
        by=by,
        at=at,
    )


@transaction.atomic
def approve(*, proposal: int, answer: str, by: str, at: datetime) -> Proposal:
    """Let it be so, and carry it out. Raises Refused where it was asked on another ground than there is now, or by oneself."""
    found, row = _open(proposal)
    case = queries.case(row, at=at)
    policy = force.policy_at(at).policy
    problems = interlock.may_approve(as_asked(found), case, by=by, policy=policy, now=at)
    if found.kind == "close" and not problems:
        problems = actions.problems_of_closing(row, category=found.category, result=found.result, at=at, is_approved=True)
    if problems:
        raise Refused(*problems)
    _answer(found, Proposal.State.APPROVED, answer=answer, by=by, at=at)
    if found.kind in ("downgrade", "cancel"):
        actions.decide(
            row,
            to=found.to,
            suggestion=queries.suggestion(row, at=at),
            justification=found.reason,
            by=found.asked_by,
            at=at,
            proposal=found,
        )
    elif found.kind == "delay":
        _delay(found, row, by=by, at=at)
    else:
        actions.finish(row, category=found.category, result=found.result, qualifiers=[], by=found.asked_by, at=at)
    return found


@transaction.atomic
def refuse(*, proposal: int, answer: str, by: str, at: datetime) -> Proposal:
    """No, because …: what was promised stands, and is decided upon again."""
    found, row = _open(proposal)
    problems = interlock.may_answer(as_asked(found), by=by, now=at)
    if len(answer.strip()) < 3:
        raise Invalid(answer="Say why not, and what should happen instead.")
    if problems:
        raise Refused(*problems)
    _answer(found, Proposal.State.REFUSED, answer=answer, by=by, at=at)
    clocks.decide_again(row, by=by, at=at)
    return found


@transaction.atomic
def withdraw(*, proposal: int, by: str, at: datetime) -> Proposal:
    """Whoever asked, or who took over from them, no longer asks."""
    found, row = _open(proposal)
    _answer(found, Proposal.State.WITHDRAWN, answer="", by=by, at=at)
    clocks.decide_again(row, by=by, at=at)
    return found


def notice_overdue(told: Told) -> None:
    """Reaction: a duty passed its time. An unanswered proposal climbs, and at last it lapses; a missed decision is told on the log."""
    fact: Any = told.fact
    if fact.subject_kind != "incident" or fact.kind not in ("approve", "lapse", "decide", "look", "review", "regrade"):
        return
    row = Incident.objects.get(pk=fact.subject_id)
    found = queries.asked(row.pk)
    if fact.kind == "approve" and found:
        duties.hand_over(duty=fact.duty, to=HIGHER, by=told.by, at=told.at)
        facts.tell(tells.LessClimbed(incident=row.pk, proposal=found.pk, owner=HIGHER), by=told.by, at=told.at)
        _write(row, "Nobody has answered what is asked: it goes to the duty inspector.", told)
    elif fact.kind == "lapse" and found:
        found = Proposal.objects.select_for_update().get(pk=found.pk)
        _answer(found, Proposal.State.LAPSED, answer="", by="", at=told.at, teller=told.by)
        clocks.decide_again(row, by=told.by, at=told.at)
    elif fact.kind == "decide" and not row.attended_at:
        late = row.delayed_until or row.attend_by
        if late:
            when = f"{late.astimezone(force.timezone()):%H:%M}"
            _write(
                row,
                f"Somebody was to be there by {when} and nobody is yet: decide what to do, with the victim, and write why.",
                told,
            )
    elif fact.kind == "look":
        _write(row, "New information has not been looked at in time; a supervisor is told.", told)
    elif fact.kind == "review":
        _write(row, "The risk of this waiting case was not looked at again in time; a supervisor is told.", told)
    elif fact.kind == "regrade":
        _write(
            row,
            "The risk asks for a more urgent grade than was decided, and nobody has decided again; a supervisor is told.",
            told,
        )


def overtake(told: Told) -> None:
    """Reaction: somebody is there, or it was graded anew. What was asked before has no ground any more, and lapses."""
    found = queries.asked(told.fact.subject[1])
    if found is None:
        return
    row = Incident.objects.get(pk=found.incident_id)
    if row.grade != found.grade or (row.attended_at and found.kind != "downgrade"):
        found = Proposal.objects.select_for_update().get(pk=found.pk)
        _answer(found, Proposal.State.LAPSED, answer="", by="", at=told.at, teller=told.by)


# --- parts ----------------------------------------------------------------------------------------------------------


def _open(proposal: int) -> tuple[Proposal, Incident]:
    """The proposal and its incident, locked in the order in which everybody locks them: the incident first."""
    incident = Proposal.objects.values_list("incident_id", flat=True).get(pk=proposal)
    row = actions.lock(incident)
    found = Proposal.objects.select_for_update().get(pk=proposal)
    if found.state != Proposal.State.ASKED:
        raise Refused(f"This was already {found.get_state_display().lower()}.")
    return found, row


def as_asked(found: Proposal) -> interlock.Asked:
    """The row, as the interlock looks at it."""
    return interlock.Asked(
        kind=found.kind,
        by=found.asked_by,
        at=found.asked_at,
        lapses_at=found.lapses_at,
        grade=found.grade,
        suggested=found.suggested or None,
        assessment=found.assessment_id,
    )


def _answer(found: Proposal, state: str, *, answer: str, by: str, at: datetime, teller: str = "") -> None:
    found.state, found.answer, found.answered_by, found.answered_at = state, answer.strip(), by, at
    found.save(update_fields=["state", "answer", "answered_by", "answered_at"])
    duties.settle("approve", "lapse", subject=("incident", found.incident_id), by=by or teller, at=at)
    word = digest.of(found.incident.secret, found.answer)
    facts.tell(
        tells.LessAnswered(incident=found.incident_id, proposal=found.pk, kind=found.kind, state=state, digest=word),
        by=by or teller,
        at=at,
    )


def _delay(found: Proposal, row: Incident, *, by: str, at: datetime) -> None:
    """The promise stays what it was; until the new time nobody calls it unjustified."""
    assert found.until  # a delay without a time is not asked for
    assert row.attend_by
    row.delayed_until = found.until
    row.save(update_fields=["delayed_until"])
    facts.tell(
        tells.AttendanceDelayed(incident=row.pk, proposal=found.pk, promised=row.attend_by, until=found.until), by=by, at=at
    )
    clocks.decide_again(row, by=by, at=at)


def _write(row: Incident, text: str, told: Told) -> None:
    actions.note(incident=row.pk, text=text, by=told.by, at=told.at, written_at=told.at, origin="system")
