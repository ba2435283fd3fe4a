"""May it be graded so, until when must somebody be there, and may it close?

Refusals are plain sentences for whoever wants to go on; no sentence means that nothing stands in the way.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from watchroom.assessment.rules import Suggestion
from watchroom.duties import kinds
from watchroom.force.policy import Policy
from watchroom.force.words import heard


def may_grade(
    to: str,
    current: str | None,
    risk_saved: bool,
    suggestion: Suggestion | None,
    justification: str,
    policy: Policy,
) -> list[str]:
    """Why this grade cannot be given now; empty when it can (R59, R60, R78).

    A grade that does not wait for the risk (Immediate) goes at once and needs nothing. Any other needs a written
    justification, and the risk on record; a grade less urgent than suggested a fuller one. A *more* urgent grade than the
    current one never waits for the record. A less urgent one is never given by one person (`interlock.py`).
    """
    if to not in {grade.code for grade in policy.grades}:
        return [f"“{to}” is not a grade of this policy."]
    grade = policy.grade(to)
    is_lower = current is not None and policy.is_more_urgent(current, to)
    is_raised = current is not None and policy.is_more_urgent(to, current)
    if not grade.waits_for_risk and not is_lower:
        return []

    problems = []
    if not risk_saved and not is_raised:
        problems.append(f"The risk is not saved yet; {grade.label} waits for it. Immediate never does.")
    suggested = suggestion.grade if suggestion else None
    written = sum(character.isalnum() for character in justification)
    if not written:
        problems.append("Write why, in your words.")
    elif policy.is_more_urgent(suggested, to):
        if written < policy.grading.min_justification_below:
            label = policy.grade(suggested or to).label
            problems.append(f"{label} is suggested. Say more fully why {grade.label} is enough.")
    elif written < policy.grading.min_justification:
        problems.append("Say a little more about why: others will rely on it.")
    if is_lower:
        problems.append(f"From {policy.grade(current or to).label} down to {grade.label} needs a second person: ask for it.")
    return problems


def attend_by(grade: str, graded_at: datetime, is_rural: bool | None, policy: Policy) -> datetime | None:
    """When somebody must be there (R62), in UTC; None where the grade makes no such promise.

    A place that nobody knows to be rural has the shorter, urban promise. Reckoned in UTC: a night when the clocks change
    is neither an hour kinder nor an hour harder.
    """
    chosen = policy.grade(grade)
    seconds = chosen.attend_rural_s if is_rural else chosen.attend_urban_s
    return None if seconds is None else _later(graded_at, seconds)


def review_by(grade: str, reviewed_at: datetime, policy: Policy) -> datetime | None:
    """When the risk of a waiting incident is looked at again (R82), in UTC; None where nothing waits."""
    seconds = policy.grade(grade).review_s
    return None if seconds is None else _later(reviewed_at, seconds)


def may_close(
    *,
    risk_saved: bool,
    grade: str | None,
    attended: bool,
    open_duties: Iterable[str],
    result: str,
    category: str,
    policy: Policy,
    units: Sequence[str] = (),
    is_approved: bool = False,
    is_tied: bool = False,
) -> list[str]:
    """Why it cannot close yet, in sentences; empty when it can.

    Where somebody was promised and nobody came, a second person has to have approved it (`is_approved`), or the log is tied
    as a duplicate to one that carries the promise (`is_tied`).
    `open_duties` are the kinds of duties that still hold it (`duties.kinds`); `units` the call signs still on it.
    """
    problems = []
    if not risk_saved:
        problems.append("The risk is still owed: write it before this closes.")
    if not grade:
        problems.append("It has no grade yet.")
    chosen = next((one for one in policy.categories.items if one.code == category), None)
    if grade and policy.grade(grade).needs_deployment and not (attended or is_approved or is_tied):
        label = policy.grade(grade).label
        problems.append(
            f"{label} promises that somebody comes, and nobody has. Send a unit, or ask a second person to close it so."
        )
    problems += [f"{callsign} is still on it: clear it with a result first." for callsign in units]
    problems += [kinds.owed(kind) for kind in dict.fromkeys(open_duties)]
    if not result.strip():
        problems.append("Write the result: what was found, and what was done.")
    if not category:
        problems.append("Choose a closing category.")
    elif chosen is None:
        problems.append(f"“{category}” is not a closing category of this policy.")
    return problems


class SuggestedType(NamedTuple):
    code: str
    because: tuple[str, ...]  # the words in which it was heard


def suggest_type(text: str, policy: Policy, chosen: str = "") -> SuggestedType | None:
    """The type whose declared words the text holds most of (R54), or the one that sharpens it. Never over a chosen one."""
    if chosen:
        return None
    found: dict[str, SuggestedType] = {}
    for entry in policy.incident_types:
        words = heard(entry.words, text, policy.grading.negations)
        more = heard(entry.together_with, text, policy.grading.negations)
        if words and (more or not entry.together_with):
            found[entry.code] = SuggestedType(entry.code, tuple(dict.fromkeys((*words, *more))))
    if not found:
        return None
    best = max(found.values(), key=lambda one: len(one.because))
    sharper = (found[entry.code] for entry in policy.incident_types if entry.sharpens == best.code and entry.code in found)
    return next(sharper, best)


def headline(lines: Iterable[Any]) -> str:
    """The line on top for every role: the last one pinned, else the first that a person said or wrote; never generated.

    A line has `text` and `origin`, and may have `is_pinned`, `is_correction` and `key`. The name of a file says nothing of what happens.
    """
    first = pinned = ""
    for line in lines:
        if getattr(line, "is_pinned", False):
            pinned = line.text
        elif getattr(line, "key", "").startswith("file-"):
            continue
        elif not first and line.origin not in ("system", "unit", "to_caller") and not getattr(line, "is_correction", False):
            first = line.text
    return pinned or first


def _later(at: datetime, seconds: int) -> datetime:
    if at.tzinfo is None:
        raise ValueError("A time without its zone cannot be reckoned with.")
    return at.astimezone(UTC) + timedelta(seconds=seconds)
