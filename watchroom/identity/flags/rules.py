"""What does a flag say to whoever reads it, whose is it, and does it still hold?"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date

from watchroom.force.policy import MarkerKind, Policy

NOT_FOR_YOU = "Restricted flag"
ASK = "You may not read it. Ask a supervisor before you act."
NUMBER = "this number"


@dataclass(frozen=True, kw_only=True)
class Marked:
    """A marker as it stands on record."""

    marker: int
    kind: str
    level: int  # 1 may kill, 2 serious, 3 to know
    title: str
    text: str
    icon: str
    source: str
    since: date
    review_by: date
    person: int | None = None
    person_name: str = ""
    place: int | None = None
    place_label: str = ""
    number: str = ""
    is_challenged: bool = False


@dataclass(frozen=True, kw_only=True)
class Flag:
    """A marker as one reader sees it."""

    marker: int
    kind: str
    level: int
    title: str
    text: str
    icon: str
    whose: str  # “Leanne Whitcombe”, “Flat 2, 18 Tanner’s Row”, “this number”
    stands_for: str  # person, place or number
    source: str
    since: date
    review_by: date
    is_late: bool  # its review date has passed
    is_challenged: bool
    is_hidden: bool  # it is not for this reader, who is told that it is there
    is_of_victim: bool
    has_code: bool
    person: int | None
    silence: str = ""  # why it must not be spoken of to whoever is calling (`disclosing`)

    @property
    def says_so(self) -> str:
        """Who says so, and since when: a warning without a source is a rumour."""
        return f"{self.source}, {self.since.day} {self.since:%b %Y}." if self.source else ""

    @property
    def doubts(self) -> str:
        """Why not to lean on it: said with the flag, never in its place."""
        found = ["Challenged: somebody says that it is wrong."] if self.is_challenged else []
        if self.is_late:
            found.append(f"Not reviewed since {self.review_by.day} {self.review_by:%b %Y}.")
        return " ".join(found)


def stands_for(marked: Marked, kind: MarkerKind | None) -> str:
    """What it is of: a flag of a person stays theirs where it comes up by an address, and one of a place is nobody's."""
    has = {"person": marked.person is not None, "place": marked.place is not None, "number": bool(marked.number)}
    for standing in (*(kind.stands_for if kind else ()), "person", "place", "number"):
        if has[standing]:
            return standing
    raise ValueError("a marker of nothing")


def shown(marked: Marked, *, policy: Policy, permissions: Collection[str], on: date) -> Flag:
    """As a reader with these permissions sees it on a day. A flag is never left out: who may not read it learns its gravity."""
    kind = policy.marker_kind(marked.kind)
    standing = stands_for(marked, kind)
    flag = Flag(
        marker=marked.marker,
        kind=marked.kind,
        level=marked.level,
        title=marked.title,
        text=marked.text,
        icon=marked.icon,
        whose={"person": marked.person_name, "place": marked.place_label, "number": NUMBER}[standing],
        stands_for=standing,
        source=marked.source,
        since=marked.since,
        review_by=marked.review_by,
        is_late=on > marked.review_by,
        is_challenged=marked.is_challenged,
        is_hidden=False,
        is_of_victim=bool(kind and kind.is_of_victim),
        has_code=bool(kind and kind.has_code),
        person=marked.person,
    )
    if kind and kind.needs and kind.needs not in permissions:
        return replace(flag, title=NOT_FOR_YOU, text=ASK, icon="lock", source="", whose="", is_hidden=True, has_code=False)
    return flag


def title_of(kind: str, title: str, policy: Policy, permissions: Collection[str] = ()) -> str:
    """The title alone, as a reader with these permissions may see it."""
    declared = policy.marker_kind(kind)
    return NOT_FOR_YOU if declared and declared.needs and declared.needs not in permissions else title


def in_order(flags: Iterable[Flag]) -> list[Flag]:
    """The gravest first, of equals the newest."""
    return sorted(flags, key=lambda flag: (flag.level, -flag.since.toordinal(), flag.marker))


def is_reason(text: str, policy: Policy) -> bool:
    """Whether enough letters and digits are written for somebody else to understand it."""
    return sum(character.isalnum() for character in text) >= policy.markers.min_reason


def may_open(stands_for: str, permissions: Collection[str], policy: Policy) -> bool:
    """Whether what a flag holds sealed may be opened: a door's code by whoever may open codes; a codeword by whom policy names too,
    since whoever has to ring them must ring safely.
    """
    if stands_for == "place":
        return "identity.open_code" in permissions
    return any(one in permissions for one in policy.lost_callers.codeword_needs)
