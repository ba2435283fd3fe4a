"""What do the answers say about the scene: which evidence may be lost, and what should officers ask, record and beware of?

Declared in the question sets and in the policy, in words that may be spoken; nothing here is made up from what somebody said.
Proposals are shown and taken by a person (R57); advice is a short list with the source of each line (R58).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from watchroom.assessment.questions import Answers, QuestionSet
from watchroom.force.policy import Policy

KINDS = {"safety": "Safety", "evidence": "Record", "enquiry": "Enquiries"}  # in this order
MOST = 8  # lines that an officer on the way can take in; what is left out is counted


@dataclass(frozen=True)
class Proposal:
    """Evidence that an answer speaks of. `lasts_h` hours, reckoned from the answer; None where it does not perish by itself."""

    source: str  # set, question and place in the answer: burglary.cameras.0
    what: str
    keep: str
    lasts_h: int | None

    def until(self, answered_at: datetime) -> datetime | None:
        return None if self.lasts_h is None else answered_at + timedelta(hours=self.lasts_h)


@dataclass(frozen=True)
class Advice:
    """One line for the officers, and where it comes from."""

    kind: str  # of KINDS
    says: str
    source: str


def proposals(asking: QuestionSet, answers: Answers) -> tuple[Proposal, ...]:
    """What these answers propose to keep, in the order asked. An answer that was corrected proposes nothing any more."""
    return tuple(
        Proposal(f"{asking.code}.{question.code}.{number}", one.what, one.keep, one.lasts_h)
        for question in asking.questions
        for number, one in enumerate(question.effect(answers.get(question.code, "")).evidence)
    )


def advice_of_answers(asking: QuestionSet, answers: Answers) -> tuple[Advice, ...]:
    """What the set says of every such scene, and what the answers add."""
    source = f"{asking.title} {asking.version}"
    said = [one for question in asking.questions for one in question.effect(answers.get(question.code, "")).scene]
    return tuple(Advice(one.kind, one.says, source) for one in (*said, *asking.scene))


def advice_of_cues(cues: Iterable[str], policy: Policy) -> tuple[Advice, ...]:
    """What the policy says where one of these cues is in play."""
    present = set(cues)
    return tuple(Advice(one.kind, one.says, f"policy {policy.version}") for one in policy.scene if present & set(one.cues))


def in_order(advice: Iterable[Advice], *, most: int = MOST) -> tuple[tuple[Advice, ...], int]:
    """(the list, how many lines were left out): safety first, then what to record, then enquiries; each line once."""
    once: dict[str, Advice] = {}
    for one in advice:
        once.setdefault(one.says, one)
    order = list(KINDS)
    found = sorted(once.values(), key=lambda one: order.index(one.kind))
    return tuple(found[:most]), max(0, len(found) - most)
