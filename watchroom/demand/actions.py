"""What demand itself does: it asks a person to look when grades go with load, and tries a changed pack on the past.

Everything else here only reads. An alarm and a trial belong to no contact and no incident, and change neither.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from watchroom.demand import facts as tells
from watchroom.demand import publishing
from watchroom.demand.models import Alarm, Published, Trial
from watchroom.demand.queries import drift as drifts
from watchroom.demand.queries import trial as past
from watchroom.demand.rules import trial
from watchroom.duties import actions as duties
from watchroom.force import packs
from watchroom.force import queries as force
from watchroom.force.policy import Policy
from watchroom.foundation import clock, digest, facts, locks, scope
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.facts import Told

SYSTEM = "system:demand"
DRIFT = "drift"  # the kind of the duty
LONGEST_ANSWER = 4000
MOST_BYTES = 1_000_000
LONGEST_TRIAL = 366  # days
KEPT = 50  # trials whose result is kept; older ones say that they were made, and no more


# --- Grades go with load ----------------------------------------------------------------------------------------------


def look_for_drift(*, at: datetime) -> list[Alarm]:
    """Raise an alarm for each measure that drifts, once an episode: none while one is open or was answered lately (R47).

    Each owes a duty to the supervisor's desk. Called hourly by the worker.
    """
    try:
        policy = force.policy_at(at)
    except force.NoPolicy:  # nobody grades here yet
        return []
    rule = policy.policy.drift
    found = drifts.count(at, policy.policy)
    raised = []
    with transaction.atomic():
        locks.hold("demand.drift")
        for measure, measured in ((Alarm.Measure.DECIDED, found.decided), (Alarm.Measure.NOTHING, found.nothing)):
            if measured.verdict != "drift" or measured.effect is None or measured.p is None:
                continue
            quiet_since = at - timedelta(seconds=rule.quiet_s)
            earlier = Alarm.objects.filter(measure=measure)
            if earlier.filter(answered_at=None).exists() or earlier.filter(answered_at__gt=quiet_since).exists():
                continue
            alarm = Alarm.objects.create(
                measure=measure,
                number=measured.number,
                pairs=measured.effect,
                p=measured.p,
                policy_number=policy.number,
                at=at,
            )
            facts.tell(tells.DriftSeen(alarm=alarm.pk, measure=measure), by=SYSTEM, at=at)
            duties.owe(
                kind=DRIFT,
                subject=("alarm", alarm.pk),
                owner="desk:supervisor",
                due_at=at + timedelta(seconds=rule.answer_s),
                by=SYSTEM,
                at=at,
            )
            raised.append(alarm)
    return raised


def answer_drift(*, alarm: int, text: str, by: str, at: datetime) -> Alarm:
    """What was found, and what is done. Raises Invalid when that says nothing, Refused when somebody else has answered."""
    least = force.policy_at(at).policy.drift.min_answer
    text = text.strip()
    if len(text) < least or "\x00" in text:
        raise Invalid(text=f"Write what you found and what is done, in at least {least} letters.")
    if len(text) > LONGEST_ANSWER:
        raise Invalid(text=f"Up to {LONGEST_ANSWER:,} letters fit here.")
    with transaction.atomic():
        row = Alarm.objects.select_for_update().get(pk=alarm)
        if row.answered_at:
            raise Refused("Somebody has answered this already.")
        row.answer, row.answered_by, row.answered_at = text, by, at
        row.save(update_fields=["answer", "answered_by", "answered_at"])
        facts.tell(tells.DriftAnswered(alarm=row.pk, digest=digest.of(row.secret, row.answer)), by=by, at=at)
        duties.settle(DRIFT, subject=("alarm", row.pk), by=by, at=at)
        return row


def climb(told: Told) -> None:
    """Reaction: nobody has answered in time. The duty inspector has it now."""
    duties.climb(told, DRIFT, to="desk:inspector", by=SYSTEM)


# --- Figures of other forces ------------------------------------------------------------------------------------------


def take_figures(*, text: str, by: str, at: datetime) -> int:
    """Keep what another force handed out of its figures (`publishing.File` as JSON). Raises Invalid, naming what is wrong in it.

    Returns how many came in. The same file again adds nothing.
    """
    handed = publishing.read(text)
    if handed.force == force.force().name:
        raise Invalid(file="These are this force’s own figures: they are counted here anyway.")
    rows = [
        Published(
            name=handed.force, figure=one.figure, of=one.of, definition=one.definition, first=handed.first, last=handed.last,
            numerator=one.numerator, denominator=one.denominator, by=by, at=at,
        )
        for one in handed.figures
    ]  # fmt: skip
    with transaction.atomic():
        locks.hold("demand.published")
        known = {_said(row) for row in Published.objects.filter(name=handed.force, first=handed.first, last=handed.last)}
        return _keep([row for row in rows if _said(row) not in known], by=by, at=at)


def leave_out(*, name: str, because: str, by: str, at: datetime) -> int:
    """A force takes no part in comparisons, and the page says why. Its figures stay on record; a new file brings it back."""
    because = because.strip()
    if not 10 <= len(because) <= 200 or "\x00" in because:
        raise Invalid(because="Say why it is left out, in 10 to 200 characters.")
    with transaction.atomic():
        locks.hold("demand.published")
        newest = {
            (row.figure, row.of, row.first, row.last): row for row in Published.objects.filter(name=name).order_by("at", "pk")
        }
        if not newest:
            raise Refused("No figures of that force are here.")
        for row in newest.values():
            row.pk, row.left_out, row.by, row.at = None, because, by, at
        return _keep(list(newest.values()), by=by, at=at)


def _said(row: Published) -> tuple[Any, ...]:
    return (row.figure, row.of, row.definition, row.numerator, row.denominator)


def _keep(rows: list[Published], *, by: str, at: datetime) -> int:
    if rows:
        kept = Published.objects.bulk_create(rows)
        told = tells.FiguresTaken(
            published=kept[0].pk, of_force=kept[0].name, number=len(kept), is_left_out=bool(kept[0].left_out)
        )
        facts.tell(told, by=by, at=at)
    return len(rows)


# --- A changed pack, tried --------------------------------------------------------------------------------------------


def begin_trial(*, toml: str, days: int, by: str, at: datetime) -> Trial:
    """Have a changed pack tried on the decisions of so many days. Raises Invalid, with the line of the pack, and keeps nothing then."""
    if not 1 <= days <= LONGEST_TRIAL:
        raise Invalid(days=f"Give 1 to {LONGEST_TRIAL} days.")
    new = read_pack(toml)
    with transaction.atomic():
        row = Trial.objects.create(pack=toml, version=new.version, days=days, by=by, at=at, seen_at=at)
        facts.tell(tells.PolicyTried(trial=row.pk, version=row.version, days=days), by=by, at=at)
        from watchroom.demand import tasks  # procrastinate's own import, when Django is ready

        tasks.try_policy.defer(force=scope.require(), trial=row.pk)
        old = Trial.objects.exclude(pk=row.pk).order_by("-at", "-pk").values_list("pk", flat=True)[KEPT:]
        Trial.objects.filter(pk__in=list(old), result__isnull=False).update(result=None)
        return row


def read_pack(toml: str) -> Policy:
    """Raises Invalid, naming the line and what is wrong there."""
    if len(toml.encode()) > MOST_BYTES:
        raise Invalid(pack=f"A pack has at most {MOST_BYTES:,} bytes.")
    if not toml.strip() or "\x00" in toml:
        raise Invalid(pack="Choose the changed pack: a TOML file.")
    try:
        return packs.load(toml if "\n" in toml else toml + "\n", name="the pack")
    except packs.PackError as error:
        raise Invalid(pack=str(error)) from None


def run_trial(trial_id: int) -> None:
    """Try it, some hundred decisions at a time, each with its progress written down. Running it again begins anew and ends the same."""
    with transaction.atomic():
        row = Trial.objects.get(pk=trial_id)
        decisions = past.decided(row.at - timedelta(days=row.days), row.at)
        policies = past.policies_of(decisions)
        Trial.objects.filter(pk=trial_id).update(
            state=Trial.State.RUNNING, tried=0, total=len(decisions), seen_at=clock.now(), result=None
        )
    try:
        new = read_pack(row.pack)  # it was good when it was sent; another version of the software may think otherwise
        found = trial.run(_step_by_step(trial_id, decisions), policies, new)
    except Invalid as error:
        Trial.objects.filter(pk=trial_id).update(state=Trial.State.FAILED, result={"problem": str(error)}, seen_at=clock.now())
        return
    with transaction.atomic():
        Trial.objects.filter(pk=trial_id).update(
            state=Trial.State.DONE, result=as_json(found, scope.require(), row.days, new), seen_at=clock.now()
        )


def _step_by_step(trial_id: int, decisions: Sequence[int]) -> Iterator[trial.Judged]:
    for start in range(0, len(decisions), past.AT_ONCE):
        some = decisions[start : start + past.AT_ONCE]
        with transaction.atomic():
            judged = list(past.judged(some))
            Trial.objects.filter(pk=trial_id).update(tried=start + len(some), seen_at=clock.now())
        yield from judged


def as_json(found: trial.Trial, force: str, days: int, new: Policy) -> dict[str, Any]:
    """Ids, codes and the policy's own sentences; nothing that a person said."""
    return {
        "force": force,
        "days": days,
        "pack": new.version,
        "tried": found.tried,
        "directions": dict(found.directions),
        "by_type": {kind: dict(counts) for kind, counts in sorted(found.by_type.items())},
        "by_vulnerability": {"vulnerable" if key else "others": dict(counts) for key, counts in found.by_vulnerability.items()},
        "changes": [
            {
                "decision": one.row.decision,
                "log": one.row.log,
                "day": one.row.day.isoformat(),
                "at": one.row.at.isoformat(),
                "type": one.row.kind,
                "is_vulnerable": one.row.is_vulnerable,
                "before": one.before,
                "after": one.after,
                "direction": one.direction,
                "decided": one.row.decided,
                "policy": one.row.policy,
                "because": list(one.because),
            }
            for one in found.changes
        ],
        "otherwise_stored": [row.decision for row in found.otherwise_stored],
    }
