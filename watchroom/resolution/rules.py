"""May this be put right without sending anyone, what is then owed, and did it hold?

Resolution without deployment is a way to help sooner, not a way to send nobody: it needs the risk on record, a grade
that was justified for it (R86), an outcome that says what was done (R85), and no sign that an officer could solve it (R91).
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar

from watchroom.contacts.rules import SAFE_CONTACT
from watchroom.force.policy import Policy, Strategy

ADVICE_WAYS = {  # how they have it; there is no link to e-mail yet, so nothing here claims that something was sent
    "read_out": "Read out to them",
    "handed_over": "Handed over",
    "to_post": "To be posted",
}

TRIES = {  # of a call back: they were not reached
    "no_answer": "No answer",
    "somebody_else": "Somebody else answered; told nothing",
    "message": "Left a message",
}

RESULTS = {  # how an investigation from the desk ends, when nobody is sent
    "suspect_named": "A suspect is named: passed to the investigators",
    "put_right": "Put right with those concerned",
    "exhausted": "No lines of enquiry are left",
    "no_crime": "Found not to be a crime",
}

FOLLOW_UP = {  # “Would you need us again?”
    "no": "No: it is put right",
    "perhaps": "Perhaps, if it happens again",
    "yes": "Yes: it is not put right",
    "not_reached": "Could not be reached",
    "not_safe": "Not asked: it is not safe to contact them",
}


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
    stood: Mapping[str, bool] | None = None,
    because: str = "",
    advice: str = "",
    advice_way: str = "",
    safe_contact: str = "unknown",
    strategies: Sequence[Strategy] = (),
) -> list[str]:
    """Why it cannot be resolved so, in sentences; empty when it can. `strategies` are those that hold for this type today (R88).

    `solvability` holds the answers given now to the policy's questions by code, `stood` those on record from before. They are
    asked of every type that has them; a single yes means that an officer attends (R91, Durham). A yes that is on record stands
    until somebody says no with the reason (`because`).
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
    problems += [f"{one.label}: an officer attends. {one.says}" for one in strategies if one.is_attended]
    problems += _unsolved(kind, solvability or {}, stood or {}, because, policy)
    if letters(text) < chosen.min_text:
        problems.append(f"{chosen.prompt} Write it in a few words.")
    if chosen.needs_agency and not agency:
        problems.append("Say which service is better placed.")
    elif agency and agency not in {one.code for one in policy.agencies}:
        problems.append(f"“{agency}” is not a service of this policy.")
    if chosen.needs_due:
        problems += may_promise(promised_for, now, safe_contact)
    elif promised_for and now and promised_for <= now:
        problems.append("The time promised has already passed.")
    if chosen.needs_advice:
        problems += _advised(advice, advice_way, safe_contact)
    if chosen.opens_diary and not policy.may_investigate_from_desk(kind):
        label = next((one.label for one in policy.incident_types if one.code == kind), kind or "This")
        problems.append(f"{label} is not on this force’s list of what is investigated from a desk. Choose another outcome.")
    return problems


def asks_solvability(kind: str, policy: Policy) -> bool:
    """Whether the solvability questions are asked of this type."""
    return any(one.code == kind and one.has_solvability for one in policy.incident_types)


def said_yes(answers: Mapping[str, bool], policy: Policy) -> list[str]:
    """What speaks for an officer, in words: “There is CCTV”. Of whatever type it is, asked for or not."""
    return [question.yes for question in policy.solvability if answers.get(question.code)]


def _unsolved(kind: str, answers: Mapping[str, bool], stood: Mapping[str, bool], because: str, policy: Policy) -> list[str]:
    counts = {**stood, **answers}
    yes = said_yes(counts, policy)
    if yes:
        return [f"{said}: an officer attends." for said in yes]
    turned = [question.yes for question in policy.solvability if stood.get(question.code) and answers.get(question.code) is False]
    if turned and letters(because) < 8:
        return [f"“{said}” is on record. Write why it is not so after all." for said in turned]
    if not asks_solvability(kind, policy):
        return []
    return [f"Not asked yet: {question.asks}" for question in policy.solvability if question.code not in counts]


def _advised(advice: str, way: str, safe_contact: str) -> list[str]:
    problems = []
    if letters(advice) < 20:
        problems.append("Write the advice as they are given it.")
    if way not in ADVICE_WAYS:
        problems.append("Say how they have it: read out, handed over, or to be posted.")
    elif way == "to_post" and safe_contact == "no":
        problems.append("They said that it is not safe to write to them: nothing is posted there.")
    return problems


# --- promises -------------------------------------------------------------------------------------------------------


def may_promise(due_at: datetime | None, now: datetime | None, safe_contact: str = "unknown") -> list[str]:
    """A promise needs a time that is still to come (R25), and whoever said that it is not safe is not promised a call."""
    if due_at is None:
        return ["Say by when they will be called back."]
    if now and due_at <= now:
        return ["The time promised has already passed."]
    if safe_contact == "no":
        return ["They said that it is not safe to ring them. Agree another way, and write it down."]
    return []


def may_leave_message(safe_contact: str, may_leave: bool) -> bool:
    """Only where they said so. Not asked is not safe: somebody else may hear it."""
    return may_leave and safe_contact in ("any", "some")


def may_try(how: str, next_at: datetime | None, now: datetime, *, safe_contact: str, may_leave: bool) -> list[str]:
    """Why this try cannot be recorded so; empty when it can. Who was not reached is tried again at a time that is chosen now."""
    problems = []
    if how not in TRIES:
        problems.append("Say what happened: no answer, somebody else, or a message left.")
    if how == "message" and not may_leave_message(safe_contact, may_leave):
        problems.append(
            "No message is left: they have not said that one is safe. If one was left, write it into the log and tell the supervisor."
        )
    if next_at is None:
        problems.append("Say when they are tried again.")
    elif next_at <= now:
        problems.append("The time for the next try has already passed.")
    return problems


def may_move(due_at: datetime, to: datetime | None, because: str, now: datetime) -> list[str]:
    """Why a promise cannot be moved so; empty when it can. Moving needs a reason that the person it was made to could read."""
    problems = []
    if to is None or to <= now:
        problems.append("Say to when it is moved; that time must be still to come.")
    elif to == due_at:
        problems.append("It is promised for that time already.")
    if letters(because) < 10:
        problems.append("Write why it is moved, and whether they know.")
    return problems


def is_given_up(tries: int, policy: Policy) -> bool:
    """After so many tries without reaching them a supervisor decides what to do."""
    return tries >= policy.resolving.call_back_tries


def how_to_reach(safe_contact: str, times: str, may_leave: bool) -> str:
    """In one line, for whoever is about to ring."""
    if safe_contact == "no":
        return "Not safe: do not ring, do not write."
    words = (
        SAFE_CONTACT.get(safe_contact, safe_contact) if safe_contact != "unknown" else "Not asked: say nothing to anybody else"
    )
    times = f", {times}" if times else ""
    message = "a message may be left" if may_leave_message(safe_contact, may_leave) else "leave no message"
    return f"{words}{times}; {message}."


# --- afterwards -----------------------------------------------------------------------------------------------------


def follow_up_at(resolved_at: datetime, policy: Policy) -> datetime | None:
    """When somebody asks whether it was put right; None where the policy asks nobody."""
    days = policy.resolving.follow_up_days
    return resolved_at.astimezone(UTC) + timedelta(days=days) if days else None


def may_answer_follow_up(answer: str, text: str, *, safe_contact: str) -> list[str]:
    if answer not in FOLLOW_UP:
        return ["Choose what they said."]
    if safe_contact == "no" and answer != "not_safe":
        return ["They said that it is not safe to contact them. Choose “not asked”."]
    if answer == "yes" and letters(text) < 10:
        return ["Write what they still need, and do it: open a contact for it, or send somebody."]
    return []


def is_repeat(resolved_at: datetime, again_at: datetime, policy: Policy) -> bool:
    """In touch again within the policy's days after it was resolved (R92). The last moment of the last day counts."""
    return timedelta(0) < again_at - resolved_at <= timedelta(days=policy.resolving.repeat_days)


# --- samples --------------------------------------------------------------------------------------------------------


class Sampled(Protocol):
    """A case, as far as the draw looks at it. Its `key` is the same for the same case, on every machine."""

    @property
    def outcome(self) -> str: ...

    @property
    def key(self) -> str: ...


S = TypeVar("S", bound=Sampled)


def sample(rows: Iterable[S], seed: str, each: int) -> list[S]:
    """`each` cases of every outcome (all, where there are fewer), drawn at random by the seed: the same seed draws the same.

    A case's place depends on the seed and the case alone, so that a case that is added moves no other into or out of the draw
    by more than its own place.
    """
    by_outcome: dict[str, list[S]] = defaultdict(list)
    for row in rows:
        by_outcome[row.outcome].append(row)
    drawn: list[S] = []
    for outcome in sorted(by_outcome):
        drawn += sorted(by_outcome[outcome], key=lambda row: place(seed, row.key))[: max(0, each)]
    return drawn


def place(seed: str, key: str) -> str:
    return hashlib.sha256(f"{seed}\n{key}".encode()).hexdigest()


def letters(text: str) -> int:
    """Letters and digits: blanks and dots say nothing."""
    return sum(character.isalnum() for character in text)


def changed(answers: Mapping[str, bool], stood: Mapping[str, bool]) -> dict[str, Any]:
    """The answers that say something new: what stands already is not written again."""
    return {code: yes for code, yes in answers.items() if stood.get(code) is not yes}
