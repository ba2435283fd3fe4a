from dataclasses import dataclass

from watchroom.foundation.facts import Fact


@dataclass(frozen=True, kw_only=True)
class Observed(Fact):
    """A number, place or name was seen in a contact; the value stands in the room's own table."""

    about = "contact"
    contact: int
    observation: int
    kind: str


@dataclass(frozen=True, kw_only=True)
class PersonConfirmed(Fact):
    """A handler said: this contact is from this person. A combination in the sense of DPA 2018 s.62."""

    about = "contact"
    contact: int
    person: int


@dataclass(frozen=True, kw_only=True)
class PersonRejected(Fact):
    """A link was undone: this is not that person."""

    about = "contact"
    contact: int
    person: int


@dataclass(frozen=True, kw_only=True)
class MarkerAdded(Fact):
    """A flag came on record. Its words stand in the room's own table."""

    about = "marker"
    marker: int
    kind: str
    level: int


@dataclass(frozen=True, kw_only=True)
class MarkerCorrected(Fact):
    """A flag was put right: another row stands in its place."""

    about = "marker"
    marker: int
    corrects: int
    kind: str
    level: int


@dataclass(frozen=True, kw_only=True)
class MarkerConfirmed(Fact):
    """Somebody looked at a flag again: it holds until a later day."""

    about = "marker"
    marker: int


@dataclass(frozen=True, kw_only=True)
class MarkerChallenged(Fact):
    """Somebody who works with a flag says that it is wrong; whoever may decide owes an answer."""

    about = "marker"
    marker: int


@dataclass(frozen=True, kw_only=True)
class MarkerKept(Fact):
    """A challenge was answered: the flag stays."""

    about = "marker"
    marker: int


@dataclass(frozen=True, kw_only=True)
class MarkerRemoved(Fact):
    """A flag no longer counts. It stays to be read in the history."""

    about = "marker"
    marker: int


@dataclass(frozen=True, kw_only=True)
class ConflictDeclared(Fact):
    """A member declared somebody whom they should not look up without a reason."""

    about = "conflict"
    conflict: int
    relation: str


@dataclass(frozen=True, kw_only=True)
class ConflictEnded(Fact):
    about = "conflict"
    conflict: int


@dataclass(frozen=True, kw_only=True)
class OwnInterestLook(Fact):
    """A member looked at, or tried to look at, a record that has to do with a conflict of theirs; professional standards read it."""

    about = "look"
    look: int
    relation: str
    is_of_own_work: bool


@dataclass(frozen=True, kw_only=True)
class LookReasoned(Fact):
    about = "look"
    look: int


@dataclass(frozen=True, kw_only=True)
class LookJudged(Fact):
    about = "look"
    look: int
    finding: str


@dataclass(frozen=True, kw_only=True)
class PlanAsked(Fact):
    """Somebody who took the call asks for a plan; the vulnerability desk owes it."""

    about = "contact"
    contact: int


@dataclass(frozen=True, kw_only=True)
class PlanMade(Fact):
    about = "plan"
    plan: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class PlanRenewed(Fact):
    """It was looked at again, and holds for as long again."""

    about = "plan"
    plan: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class PlanEnded(Fact):
    about = "plan"
    plan: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class LinkUndone(Fact):
    """A number or address is held to be somebody's no longer."""

    about = "person"
    person: int
    link: int


@dataclass(frozen=True, kw_only=True)
class LinkMade(Fact):
    about = "person"
    person: int
    link: int


@dataclass(frozen=True, kw_only=True)
class RecordsImported(Fact):
    """People of another system came in. Ids and counts only."""

    about = "run"
    run: int
    brought: int
    changed: int
    bad: int


@dataclass(frozen=True, kw_only=True)
class HeldSame(Fact):
    """A named person says that two records are of one person; both are read as `person` from now on (R65)."""

    about = "person"
    person: int
    other: int
    twins: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class HeldApart(Fact):
    """A named person says that two records that are alike are of two people."""

    about = "person"
    person: int
    other: int
    twins: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class JudgementTakenBack(Fact):
    """Whether two records are of one person is open again; each stands for itself."""

    about = "person"
    person: int
    other: int
    twins: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class AbandonedCallFound(Fact):
    """A 101 call that gave up went before this 999 call (R15)."""

    about = "contact"
    contact: int
    earlier: int
    how: str  # number, person, place
    seconds: int


@dataclass(frozen=True, kw_only=True)
class AbandonedCallUnlinked(Fact):
    """It was another person, or another place, after all."""

    about = "contact"
    contact: int
    earlier: int
    how: str


@dataclass(frozen=True, kw_only=True)
class RingingBack(Fact):
    """Somebody rings a caller who gave up."""

    about = "contact"
    contact: int
    ring_back: int
    with_codeword: bool


@dataclass(frozen=True, kw_only=True)
class RungBack(Fact):
    """What came of ringing back."""

    about = "contact"
    contact: int
    ring_back: int
    outcome: str


@dataclass(frozen=True, kw_only=True)
class LostCallerLetGo(Fact):
    """A supervisor decided that nothing more is done; why, stands in the log."""

    about = "contact"
    contact: int


@dataclass(frozen=True, kw_only=True)
class ResearchAsked(Fact):
    """Another system is asked about who is in touch. `sent` names the fields that it is told; `digest` covers their words."""

    about = "contact"
    contact: int
    research: int
    system: str
    sent: list[str]
    digest: str


@dataclass(frozen=True, kw_only=True)
class ResearchAnswered(Fact):
    """It answered. What it sent stands in the room's table; `digest` covers it."""

    about = "contact"
    contact: int
    research: int
    system: str
    found: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class ResearchFailed(Fact):
    """It did not answer, or not so that it could be used; the contact goes on as before."""

    about = "contact"
    contact: int
    research: int
    system: str
    problem: str


@dataclass(frozen=True, kw_only=True)
class ResearchNotNeeded(Fact):
    """A named person says why no other system is asked."""

    about = "contact"
    contact: int
    research: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class ResearchTakenIn(Fact):
    """A named person says that a record of another system is who is in touch."""

    about = "contact"
    contact: int
    found: int
    person: int
    system: str


@dataclass(frozen=True, kw_only=True)
class ResearchNotThem(Fact):
    """A record of another system is of somebody else."""

    about = "contact"
    contact: int
    found: int
    system: str


@dataclass(frozen=True, kw_only=True)
class ResearchReopened(Fact):
    """What was made of a record of another system was taken back; links that it brought count no longer."""

    about = "contact"
    contact: int
    found: int
    system: str
