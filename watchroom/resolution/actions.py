"""Resolving without sending anyone, and sending somebody after all.

What was promised is kept in `keeping.py`, an investigation from the desk in `diary.py`; `afterwards.py` asks whether it held.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from watchroom.duties import actions as duties
from watchroom.force import queries as force
from watchroom.foundation import digest, facts
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.facts import Told
from watchroom.incidents import actions as incidents
from watchroom.incidents import queries as logs
from watchroom.incidents.models import Decision, Incident
from watchroom.resolution import afterwards, diary, keeping, queries, rules
from watchroom.resolution import facts as tells
from watchroom.resolution.models import FollowUp, Overtaken, Promise, Resolution, SolvabilityAnswer

MAX_TEXT = 20_000


@transaction.atomic
def resolve(
    *,
    incident: int,
    outcome: str,
    text: str,
    by: str,
    at: datetime,
    agency: str = "",
    promised_for: datetime | None = None,
    solvability: Mapping[str, bool] | None = None,
    because: str = "",
    advice: str = "",
    advice_way: str = "",
    investigator: str = "",
    review_by: datetime | None = None,
) -> Resolution:
    """Record the outcome. Needs the risk on record and a justified grade for it (R86). Raises Refused with what is missing.

    `solvability` are the answers given now; they are kept. A yes, given now or on record, never resolves (R91): use
    `send_somebody`. `investigator` and `review_by` are for a desk investigation.
    """
    adopted = force.policy_at(at)
    policy = adopted.policy
    if outcome not in {o.code for o in policy.rwd_outcomes}:
        raise Invalid(outcome=f"“{outcome}” is not an outcome of this force.")
    if max(len(text), len(advice), len(because)) > MAX_TEXT:
        raise Invalid(text=f"Up to {MAX_TEXT:,} characters fit here.")
    with transaction.atomic():
        row = _lock_open(incident)
        if Resolution.objects.filter(incident=row).exists():
            raise Refused("This incident is already resolved.")
        contact = queries.first_contact(row.pk)
        stood = queries.solvability(row.pk)
        problems = rules.may_resolve(
            grade=row.grade or None,
            risk_saved=logs.risk_is_saved(row.pk),
            outcome=outcome,
            text=text,
            policy=policy,
            kind=row.kind,
            agency=agency,
            promised_for=promised_for,
            now=at,
            solvability=solvability,
            stood=stood,
            because=because,
            advice=advice,
            advice_way=advice_way,
            safe_contact=contact.safe_contact if contact else "unknown",
            strategies=policy.strategies_of(row.kind, force.local_day(at)),
        )
        if problems:
            raise Refused(*problems)
        _keep_answers(row, solvability or {}, stood, because, adopted, by=by, at=at)
        chosen = policy.rwd_outcome(outcome)
        resolution = Resolution.objects.create(
            incident=row,
            outcome=outcome,
            text=text.strip(),
            agency=agency,
            promised_for=promised_for,
            advice=advice.strip() if chosen.needs_advice else "",
            advice_way=advice_way if chosen.needs_advice else "",
            by=by,
            at=at,
        )
        duties.settle("attend", "resolve", subject=("incident", row.pk), by=by, at=at)
        facts.tell(
            tells.ResolvedWithoutDeployment(
                incident=row.pk,
                outcome=outcome,
                agency=agency,
                promised_for=promised_for,
                digest=digest.of(resolution.secret, resolution.text, *filter(None, [resolution.advice])),
            ),
            by=by,
            at=at,
        )
        if promised_for:
            keeping.promise(
                incident=row, kind=Promise.Kind.CALL_BACK, contact=contact, due_at=promised_for, text=text, by=by, at=at
            )
        if resolution.advice_way == "to_post":
            due_at = at + timedelta(seconds=policy.resolving.post_s)
            keeping.promise(incident=row, kind=Promise.Kind.POST, contact=contact, due_at=due_at, text=text, by=by, at=at)
        if chosen.opens_diary:
            diary.begin(incident=row, what=text, owner=investigator, review_by=review_by, by=by, at=at)
        else:  # what is investigated is followed up when that is finished
            afterwards.owe_follow_up(row, outcome=outcome, contact=contact, by=by, at=at)
        return resolution


@transaction.atomic
def send_somebody(
    *,
    incident: int,
    grade: str,
    justification: str,
    by: str,
    at: datetime,
    solvability: Mapping[str, bool] | None = None,
    because: str = "",
) -> Decision:
    """An officer attends: the answers are kept, the grade is raised, and despatch has it at once (R91). Resolves nothing.

    A raise never waits for the risk or for a second person. `justification` is what the person confirmed or wrote.
    """
    adopted = force.policy_at(at)
    policy = adopted.policy
    if grade not in {one.code for one in policy.grades if one.needs_deployment}:
        raise Invalid(grade="Choose how soon an officer attends.")
    row = _lock_open(incident)
    if row.grade and not policy.is_more_urgent(grade, row.grade):
        raise Refused(f"It is graded {policy.grade(row.grade).label} already.")
    stood = queries.solvability(row.pk)
    _keep_answers(row, solvability or {}, stood, because or justification, adopted, by=by, at=at)
    decision = incidents.grade(incident=row.pk, to=grade, justification=justification, by=by, at=at)
    yes = [code for code, is_yes in {**stood, **(solvability or {})}.items() if is_yes]
    facts.tell(tells.SentAfterAll(incident=row.pk, grade=grade, yes=sorted(yes)), by=by, at=at)
    return decision


def _keep_answers(
    row: Incident,
    answers: Mapping[str, bool],
    stood: Mapping[str, bool],
    because: str,
    adopted: force.Adopted,
    *,
    by: str,
    at: datetime,
) -> None:
    known = {question.code for question in adopted.policy.solvability}
    new = {code: yes for code, yes in rules.changed(answers, stood).items() if code in known}
    if not new:
        return
    SolvabilityAnswer.objects.bulk_create(
        SolvabilityAnswer(
            incident=row,
            question=code,
            is_yes=is_yes,
            because=because.strip() if code in stood else "",
            policy_number=adopted.number,
            by=by,
            at=at,
        )
        for code, is_yes in new.items()
    )
    facts.tell(
        tells.SolvabilityAsked(
            incident=row.pk,
            yes=sorted(code for code, yes in new.items() if yes),
            no=sorted(code for code, yes in new.items() if not yes),
            policy=adopted.number,
        ),
        by=by,
        at=at,
    )


def overtake(told: Told) -> None:
    """Reaction: it was graded anew, or taken up again, after it was resolved: that resolution did not hold.

    It is kept as it was and counted no more; where nobody is sent, it is to be resolved anew. What was promised stays promised.
    """
    with transaction.atomic():
        row = Incident.objects.select_for_update(of=("self",)).get(pk=told.fact.subject[1])
        is_sent = bool(row.grade) and force.policy_at(told.at).policy.grade(row.grade).needs_deployment
        if is_sent:
            diary.deployed(incident=row, by=told.by, at=told.at)
        elif row.investigations.filter(finished_at=None).exists():
            return  # it goes on, and settles what is owed when it is finished
        done = Resolution.objects.select_for_update().filter(incident=row).first()
        if done is None:
            return
        kept = ("outcome", "text", "agency", "promised_for", "advice", "advice_way", "by", "at")
        Overtaken.objects.create(
            incident=row,
            why="sent" if is_sent else "anew",
            overtaken_by=told.by,
            overtaken_at=told.at,
            **{name: getattr(done, name) for name in kept},
        )
        done.delete()
        for open_one in FollowUp.objects.filter(incident=row, answered_at=None):
            duties.settle("follow_up", subject=("follow_up", open_one.pk), by=told.by, at=told.at)
            open_one.delete()  # nobody was asked yet, and now there is nothing of that kind to ask about
        facts.tell(
            tells.ResolutionOvertaken(incident=row.pk, outcome=done.outcome, grade=row.grade), by="system:resolution", at=told.at
        )


def _lock_open(incident: int) -> Incident:
    row = Incident.objects.select_for_update(of=("self",)).get(pk=incident)
    if not row.is_open:
        raise Refused(f"Log {row.reference} is closed.")
    return row
