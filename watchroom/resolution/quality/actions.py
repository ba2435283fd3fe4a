"""Cases are drawn, assessed by somebody who did not resolve them, put right where somebody is owed more, and told to who did it."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from django.db import transaction

from watchroom.duties import actions as duties
from watchroom.force import queries as force
from watchroom.foundation import digest, facts, locks
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.facts import Told
from watchroom.foundation.words import written
from watchroom.resolution import facts as tells
from watchroom.resolution import queries
from watchroom.resolution.models import Check, Mark, Resolution
from watchroom.resolution.quality import rules

SYSTEM = "system:quality"
DESK = "desk:supervisor"
MAX_TEXT = 4000


def draw_week(*, at: datetime) -> list[Check]:
    """Draw from the last finished week as many of each outcome as the policy says; nothing where it says 0, or where they are drawn.

    Called nightly by the worker: that somebody looks does not depend on a quiet shift.
    """
    try:
        policy = force.policy_at(at).policy
    except force.NoPolicy:
        return []
    name, first, last = rules.week_before(force.local_day(at))
    if not policy.resolving.sample_each or Check.objects.filter(draw=name).exists():
        return []
    return draw(first=first, last=last, each=policy.resolving.sample_each, seed=name, by=SYSTEM, at=at)


def draw(*, first: date, last: date, each: int, seed: str, by: str, at: datetime) -> list[Check]:
    """Draw cases resolved from the first to the last day, to be assessed by a day. The same draw again adds nothing."""
    rule, zone = force.policy_at(at).policy.resolving, force.timezone()
    due_at = at + timedelta(days=rule.assess_days)
    cases = queries.cases(
        datetime.combine(first, time(), tzinfo=zone), datetime.combine(last + timedelta(days=1), time(), tzinfo=zone)
    )
    new = []
    with transaction.atomic():
        locks.hold("resolution.quality")
        drawn = rules.draw(cases, seed, each, rule.sample_second_percent)
        rows = {row.incident_id: row for row in Resolution.objects.filter(incident__in=[case.incident for case, _ in drawn])}
        for case, is_second in drawn:
            done = rows[case.incident]
            check, is_new = Check.objects.get_or_create(
                incident_id=case.incident,
                draw=seed,
                is_second=is_second,
                defaults={
                    "outcome": done.outcome,
                    "resolved_by": done.by,
                    "resolved_at": done.at,
                    "due_at": due_at,
                    "drawn_by": by,
                    "at": at,
                },
            )
            if is_new:
                facts.tell(tells.CaseDrawn(incident=case.incident, check=check.pk, draw=seed), by=by, at=at)
                duties.owe(kind="assess", subject=("check", check.pk), owner=DESK, due_at=due_at, by=by, at=at)
                new.append(check)
    return new


def assess(*, check: int, found: Mapping[str, rules.Verdict], feedback: str, by: str, at: datetime) -> Check:
    """Keep what was found. Raises Invalid by field where something is missing, Refused for who may not, or when it is done."""
    adopted = force.policy_at(at)
    rule = adopted.policy.resolving
    words = [feedback, *(one.text for one in found.values())]
    if any(len(text) > MAX_TEXT or "\x00" in text for text in words):
        raise Invalid(feedback=f"Up to {MAX_TEXT:,} ordinary characters fit into each field.")
    if needs := rules.problems(found, feedback, adopted.policy):
        raise Invalid(**needs)
    with transaction.atomic():
        row = Check.objects.select_for_update().get(pk=check)
        if row.assessed_at:
            raise Refused("Somebody has assessed this already.")
        others = Check.objects.filter(incident_id=row.incident_id, draw=row.draw, is_second=not row.is_second)
        other = others.values_list("assessed_by", flat=True).first() or ""
        if refused := rules.may_assess(by, resolved_by=row.resolved_by, other=other):
            raise Refused(*refused)
        row.feedback, row.policy_number, row.assessed_by, row.assessed_at = feedback.strip(), adopted.number, by, at
        row.save(update_fields=["feedback", "policy_number", "assessed_by", "assessed_at"])
        marks = [
            Mark(case=row, criterion=one.code, verdict=found[one.code].verdict, text=found[one.code].text.strip())
            for one in adopted.policy.criteria
        ]
        Mark.objects.bulk_create(marks)
        duties.settle("assess", subject=("check", row.pk), by=by, at=at)
        facts.tell(
            tells.CaseAssessed(
                incident=row.incident_id,
                check=row.pk,
                partly=[mark.criterion for mark in marks if mark.verdict == "partly"],
                not_met=[mark.criterion for mark in marks if mark.verdict == "not_met"],
                digest=digest.of(row.secret, row.feedback, *(mark.text for mark in marks)),
            ),
            by=by,
            at=at,
        )
        if rules.still_owed(found, adopted.policy):
            due_at = at + timedelta(seconds=rule.put_right_s)
            duties.owe(kind="put_right", subject=("check", row.pk), owner=DESK, due_at=due_at, by=by, at=at)
        due_at = at + timedelta(days=rule.read_days)
        duties.owe(kind="read_check", subject=("check", row.pk), owner=row.resolved_by, due_at=due_at, by=by, at=at)
        return row


def put_right(*, check: int, text: str, by: str, at: datetime) -> Check:
    """What was done for whoever was owed more, or why nothing can be. Raises Invalid, or Refused when nothing is owed."""
    text = written(text, field="righted", says="Write what was done, or why nothing can be", least=rules.LEAST, most=MAX_TEXT)
    with transaction.atomic():
        row = Check.objects.select_for_update().get(pk=check)
        if not duties.settle("put_right", subject=("check", row.pk), by=by, at=at):
            raise Refused("Nothing is to be put right here, or somebody has done it.")
        row.righted, row.righted_by, row.righted_at = text, by, at
        row.save(update_fields=["righted", "righted_by", "righted_at"])
        told = tells.CasePutRight(incident=row.incident_id, check=row.pk, digest=digest.of(row.secret, row.righted))
        facts.tell(told, by=by, at=at)
        return row


def read(*, check: int, reply: str, by: str, at: datetime) -> Check:
    """Whoever resolved it has read what was found; their reply, if they have one, stands beside it (R116). A repeat changes nothing."""
    if len(reply) > MAX_TEXT or "\x00" in reply:
        raise Invalid(reply=f"Up to {MAX_TEXT:,} ordinary characters fit here.")
    with transaction.atomic():
        row = Check.objects.select_for_update().get(pk=check)
        if by != row.resolved_by or row.assessed_at is None:
            raise Refused("This is for whoever resolved the case.")
        if row.read_at is None:
            row.reply, row.read_at = reply.strip(), at
            row.save(update_fields=["reply", "read_at"])
            duties.settle("read_check", subject=("check", row.pk), by=by, at=at)
            told = tells.CheckRead(incident=row.incident_id, check=row.pk, digest=digest.of(row.secret, row.reply))
            facts.tell(told, by=by, at=at)
        return row


def climb(told: Told) -> None:
    """Reaction: what is owed to somebody was not put right in time. The duty inspector has it now."""
    duties.climb(told, "put_right", to="desk:inspector", by=SYSTEM)
