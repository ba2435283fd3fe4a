"""May this be put right without sending anyone?

Resolution without deployment is a way to help sooner, not a way to send nobody: it needs the risk on record, a grade
that was justified for it (R86), an outcome that says what was done (R85), and no sign that an officer could solve it (R91).
"""

from collections.abc import Mapping
from datetime import datetime

from watchroom.force.policy import Policy


def may_resolve(
    grade: str | None,
    risk_saved: bool,
    outcome: str,
    text: str,
    policy: Policy,
    *,
    kind: str = "",
    agency: str = "",
    promised_for: datetime | None = None,
    now: datetime | None = None,
    solvability: Mapping[str, bool] | None = None,
) -> list[str]:
    """Why it cannot be resolved so, in sentences; empty when it can.

    `solvability` holds the answers to the policy's questions by code. They are asked of every type that has them; a single
    yes means that an officer attends (R91, Durham).
    """
    chosen = next((one for one in policy.rwd_outcomes if one.code == outcome), None)
    if chosen is None:
        return [f"“{outcome}” is not an outcome of this policy."]
    problems = []
    if not chosen.is_offered:
        problems.append(f"{chosen.label} cannot be carried out here yet. Choose another outcome, or send somebody.")
    if not risk_saved:
        problems.append("The risk is not saved yet. Nothing is resolved before it is.")
    if not grade:
        problems.append("It has no grade yet.")
    elif policy.grade(grade).needs_deployment:
        problems.append(
            f"It is graded {policy.grade(grade).label}, which promises that somebody comes. Regrade it first, with the reason."
        )
    problems += _unsolved(kind, solvability or {}, policy)
    if sum(character.isalnum() for character in text) < chosen.min_text:
        problems.append(f"{chosen.prompt} Write it in a few words.")
    if chosen.needs_agency and not agency:
        problems.append("Say which service is better placed.")
    elif agency and agency not in {one.code for one in policy.agencies}:
        problems.append(f"“{agency}” is not a service of this policy.")
    if chosen.needs_due and promised_for is None:
        problems.append("Say by when they will be called back.")
    elif promised_for and now and promised_for <= now:
        problems.append("The time promised has already passed.")
    return problems


def asks_solvability(kind: str, policy: Policy) -> bool:
    """Whether the solvability questions are asked of this type."""
    return any(one.code == kind and one.has_solvability for one in policy.incident_types)


def _unsolved(kind: str, answers: Mapping[str, bool], policy: Policy) -> list[str]:
    yes = [question.yes for question in policy.solvability if answers.get(question.code)]
    if yes:
        return [f"{said}: an officer attends." for said in yes]
    if not asks_solvability(kind, policy):
        return []
    return [f"Not asked yet: {question.asks}" for question in policy.solvability if question.code not in answers]
