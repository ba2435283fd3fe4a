"""What does it take to do less, or to do it later?

A lower grade, a delay, a cancellation and a closing without attendance need the risk looked at again, a written reason, and a
second person who may approve (R75 to R80). More help never waits for any of it. Pure: the case, the policy and the time are
passed in; of demand there is nothing to pass.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from watchroom.force.policy import Policy


@dataclass(frozen=True)
class Kind:
    code: str
    label: str  # as the one who approves reads it
    verb: str  # as the log says it
    stage: str  # of the assessment it needs


KINDS = {
    kind.code: kind
    for kind in (
        Kind("downgrade", "Lower grade", "lower the grade", "downgrade"),
        Kind("delay", "Delay", "come later", "delay"),
        Kind("cancel", "Cancel the attendance", "send nobody", "downgrade"),
        Kind("close", "Close without attendance", "close it without attendance", "closing"),
    )
}


@dataclass(frozen=True)
class Case:
    """What of an incident bears on whether less may be done. `looked_at` is when the newest risk record of its contacts was saved."""

    is_open: bool
    grade: str | None
    is_attended: bool
    attend_by: datetime | None
    risk_saved: bool
    looked_at: datetime | None
    graded_at: datetime | None
    has_news: bool  # something came that nobody has looked at yet
    suggested: str | None
    assessment: int | None = None  # the newest record


@dataclass(frozen=True)
class Asked:
    """A proposal as it stands: by whom, on what ground, until when."""

    kind: str
    by: str
    at: datetime
    lapses_at: datetime
    grade: str  # at the time of asking
    suggested: str | None
    assessment: int | None


def may_ask(
    kind: str,
    case: Case,
    *,
    reason: str,
    policy: Policy,
    now: datetime,
    to: str = "",
    until: datetime | None = None,
    safeguarding: str = "",
) -> list[str]:
    """Why this cannot be asked for now, in sentences; empty when it can.

    `to` is the lower grade wanted; `until` the time by which somebody will be there instead, and `safeguarding` what is done
    for the victim meanwhile (R80).
    """
    if kind not in KINDS:
        return [f"“{kind}” is nothing that is asked for."]
    if not case.is_open:
        return ["The log is closed."]
    if not case.grade:
        return ["It has no grade yet. Grade it first."]
    problems = ground(case, policy, now)
    if _letters(reason) < policy.interlock.min_reason:
        problems.append(f"Say more fully why ({policy.interlock.min_reason} letters at least): somebody else has to stand by it.")
    promises = policy.grade(case.grade).needs_deployment
    if kind == "downgrade":
        problems += _lower(case.grade, to, policy)
    elif kind == "delay":
        problems += _later(case, until, policy, now)
        if _letters(safeguarding) < 3:
            problems.append("Say what is done for their safety while they wait, or why nothing can be.")
    elif not promises:
        problems.append("Nobody was promised: it closes by its result alone.")
    if kind in ("delay", "cancel", "close") and case.is_attended:
        problems.append("Somebody has been there; this is not needed.")
    return list(dict.fromkeys(problems))


def may_approve(asked: Asked, case: Case, *, by: str, policy: Policy, now: datetime) -> list[str]:
    """Why this person cannot approve it now; empty when they can. Whoever has the right to approve is known to the permission.

    What was asked for on one ground is not approved on another: what has changed since sends it back.
    """
    problems = may_answer(asked, by=by, now=now)
    if not case.is_open:
        problems.append("The log is closed meanwhile.")
    if (case.grade or "") != asked.grade:
        problems.append("It was graded anew since this was asked for.")
    if case.is_attended and asked.kind != "downgrade":
        problems.append("Somebody is there meanwhile.")
    if case.has_news:
        problems.append("Something new has come since and was not looked at yet.")
    if case.assessment != asked.assessment:
        problems.append("The risk was judged again since this was asked for.")
    if case.suggested and policy.is_more_urgent(case.suggested, asked.suggested):
        problems.append(f"The risk now suggests {policy.grade(case.suggested).label}.")
    return problems


def may_answer(asked: Asked, *, by: str, now: datetime) -> list[str]:
    """Approving and refusing alike: in time, by a person, and never by whoever asked."""
    problems = []
    if by == asked.by:
        problems.append("Nobody answers what they asked for themselves: another person decides.")
    if not by.startswith("staff:"):
        problems.append("A named person decides this.")
    if now >= asked.lapses_at:
        problems.append("It lapsed unanswered. Ask again, with the risk as it is now.")
    return problems


def is_news(*, risk_saved: bool, is_in_hand: bool, is_by_owner: bool, is_closed: bool) -> bool:
    """Whether what has just come asks somebody to look at the risk again (R76).

    What a handler writes while the contact is in her hands, to the end of the writing up, is her own record still being made.
    Once the risk is saved, everything that comes from elsewhere or later is news; on a closed log everything is.
    """
    if is_closed:
        return True
    return risk_saved and not (is_in_hand and is_by_owner)


def decide_by(attend_by: datetime, now: datetime, policy: Policy) -> datetime:
    """When somebody has to decide what happens if the target is missed (R75): before it is, and not before now."""
    return max(now, attend_by - timedelta(seconds=policy.interlock.warn_s))


def unjustified(
    promised: datetime | None, attended: datetime | None, justified: Iterable[tuple[datetime, datetime]], until: datetime
) -> float:
    """Seconds for which nobody came, after the promise, and nobody had justified it (R79).

    `justified` are the spans (approved at, until) of approved delays; they may overlap. Counted to the arrival or to `until`.
    """
    end = min(attended, until) if attended else until
    if promised is None or end <= promised:
        return 0.0
    seconds, reached = 0.0, promised
    for begun, ended in sorted(justified):
        if begun > reached:
            seconds += (min(begun, end) - reached).total_seconds()
        reached = max(reached, ended)
        if reached >= end:
            return max(seconds, 0.0)
    return seconds + (end - reached).total_seconds()


def ground(case: Case, policy: Policy, now: datetime) -> list[str]:
    """The structured look at the risk on which less may be asked for."""
    if not case.risk_saved or case.looked_at is None:
        return ["The risk is not on record yet. Write it first; nothing less can be asked for before."]
    problems = []
    if case.has_news:
        problems.append("Something new has come and was not looked at yet: look at the risk again.")
    if now - case.looked_at > timedelta(seconds=policy.interlock.fresh_s):
        problems.append("The risk was looked at too long ago. Look at it again.")
    elif case.graded_at and case.looked_at < case.graded_at:
        problems.append("The risk was not looked at since it was graded. Look at it again.")
    return problems


# --- parts ----------------------------------------------------------------------------------------------------------


def _lower(grade: str, to: str, policy: Policy) -> list[str]:
    if to not in {one.code for one in policy.grades}:
        return ["Choose the grade that is enough."]
    if not policy.is_more_urgent(grade, to):
        return [
            f"{policy.grade(to).label} is not less urgent than {policy.grade(grade).label}: grade it so; it waits for nobody."
        ]
    return []


def _later(case: Case, until: datetime | None, policy: Policy, now: datetime) -> list[str]:
    if case.attend_by is None:
        return ["This grade promises no time, so there is nothing to delay."]
    if until is None:
        return ["Say by when somebody will be there."]
    if until <= now:
        return ["The time by which somebody will be there has already passed."]
    if until <= case.attend_by:
        return ["That is within the promise; no delay is needed."]
    if until - now > timedelta(seconds=policy.interlock.longest_delay_s):
        return [f"No more than {policy.interlock.longest_delay_s // 3600} hours at a time."]
    return []


def _letters(text: str) -> int:
    return sum(character.isalnum() for character in text)
