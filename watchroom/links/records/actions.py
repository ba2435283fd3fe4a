"""From the fact that a system is asked to a call, and from the call back to the record."""

from datetime import datetime

from watchroom.force import queries as force
from watchroom.foundation import scope
from watchroom.foundation.facts import Told
from watchroom.identity.models import Research
from watchroom.identity.research import actions, rules
from watchroom.links.records import connections, protocol
from watchroom.links.records.calling import Order, Outcome

BY = "link:records"


def begin(told: Told) -> None:
    """Reaction: a system is asked. The call itself is a job of its own, outside every transaction."""
    from watchroom.links.records import tasks

    tasks.ask.defer(force=scope.require(), research=told.fact.research)  # type: ignore[attr-defined]


def take_up(*, research: int, at: datetime) -> Order | None:
    """What the call needs; None when nothing is to be asked any more. What cannot be asked now fails here, in words."""
    row = Research.objects.get(pk=research)
    if row.state != Research.State.ASKED:
        return None
    policy = force.policy_at(at).policy
    system, connection = policy.system(row.system), connections.of(row.system)
    if system is None or rules.closed(system, force.local_day(at)):
        actions.failed(research=row.pk, problem="expired", by=BY, at=at)
    elif rules.is_late(row.at, at, policy.research.lapses_after_s):
        actions.failed(research=row.pk, problem="lapsed", by=BY, at=at)
    elif connection is None:
        actions.failed(research=row.pk, problem="unconnected", by=BY, at=at)
    else:
        question = protocol.question(
            key=row.key, force=row.force, by=row.by, purpose=row.because, sent=row.sent, most=system.most, at=row.at
        )
        return Order(connection, row.key, question, system.timeout_s, policy.research.tries, system.most)
    return None


def keep(*, research: int, outcome: Outcome, at: datetime) -> None:
    if outcome.problem:
        actions.failed(research=research, problem=outcome.problem, by=BY, at=at)
    else:
        actions.answered(research=research, records=outcome.records, is_cut=outcome.is_cut, by=BY, at=at)
