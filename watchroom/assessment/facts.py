from dataclasses import dataclass, field

from watchroom.foundation.facts import Fact


@dataclass(frozen=True, kw_only=True)
class ElementAnswered(Fact):
    """One element of the risk was judged; the reason stands in the room's own table, here is its keyed digest."""

    about = "contact"
    contact: int
    element: str
    level: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class CueHeard(Fact):
    about = "contact"
    contact: int
    cue: str
    is_present: bool
    source: str


@dataclass(frozen=True, kw_only=True)
class QuestionAnswered(Fact):
    """A question of a set was asked; `outcome` is a code (yes, none, a choice's, not_answered), the words are a digest."""

    about = "contact"
    contact: int
    answer: int
    asking: str
    version: int
    question: str
    outcome: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class RiskSaved(Fact):
    """The whole record is written (R45). `aspects` of vulnerability were in play; two and more are a combination (R51)."""

    about = "contact"
    contact: int
    assessment: int
    model: str
    policy: int
    levels: dict[str, int]
    aspects: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class NothingHeardJudged(Fact):
    """No threat, harm, risk or vulnerability was heard, because …: one line, and an assessment."""

    about = "contact"
    contact: int
    assessment: int
    policy: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class RiskReassessed(Fact):
    """The risk was looked at again, at a stage of the incident (R76), with or without a word from the victim (R77)."""

    about = "contact"
    contact: int
    assessment: int
    earlier: int
    stage: str
    victim: str
    policy: int
    levels: dict[str, int]
    digest: str
