"""How does this force compare with others? Only like with like: the same definition, the same days (R89, R139).

A figure of another force comes in a file that the force itself made (`published`); nothing of its rows does.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Counted:
    """One force's figure over some days, from the first to the last of them."""

    force: str
    code: str
    of: str = ""  # the channel it is about, or the whole
    definition: str  # its hash
    first: date
    last: date
    numerator: float
    denominator: float
    left_out: str = ""  # why it takes no part, in words

    @property
    def share(self) -> float:
        """In per cent; 0 where there was nothing to count."""
        return 100 * self.numerator / self.denominator if self.denominator else 0.0


@dataclass(frozen=True)
class Compared:
    """Who can be compared, from the highest to the lowest share, and who cannot, each with why."""

    rows: tuple[Counted, ...]
    apart: tuple[tuple[Counted, str], ...]

    @property
    def in_use(self) -> tuple[Counted, ...]:
        """Those of which it happened at all: a range from 0 would hide that some do not do it."""
        return tuple(row for row in self.rows if row.numerator)

    @property
    def never(self) -> int:
        return len(self.rows) - len(self.in_use)

    @property
    def lowest(self) -> Counted | None:
        return min(self.in_use, key=lambda row: row.share, default=None)

    @property
    def highest(self) -> Counted | None:
        return max(self.in_use, key=lambda row: row.share, default=None)

    @property
    def pooled(self) -> float | None:
        """Of all together, as if they were one force: large forces count for more (I4)."""
        below = sum(row.denominator for row in self.rows)
        return 100 * sum(row.numerator for row in self.rows) / below if below else None

    @property
    def mean(self) -> float | None:
        """Of the forces' shares: each counts once, however small (I4)."""
        return sum(row.share for row in self.rows) / len(self.rows) if self.rows else None


def compare(own: Counted, others: Iterable[Counted]) -> Compared:
    """The others beside `own`, whose definition and days they have to share."""
    rows, apart = [own] if own.denominator else [], []
    for other in others:
        if why := _why_not(own, other):
            apart.append((other, why))
        else:
            rows.append(other)
    return Compared(
        tuple(sorted(rows, key=lambda row: (-row.share, row.force))), tuple(sorted(apart, key=lambda pair: pair[0].force))
    )


def _why_not(own: Counted, other: Counted) -> str:
    if other.left_out:
        return f"Left out: {other.left_out}"
    if other.definition != own.definition:
        return f"It counts something else: its definition is {other.definition}, ours is {own.definition}."
    if (other.first, other.last) != (own.first, own.last):
        return f"It counts other days: {other.first:%d %B %Y} to {other.last:%d %B %Y}."
    if not other.denominator:
        return "There was nothing to count."
    return ""
