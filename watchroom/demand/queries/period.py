"""What were a force's shares over some days, and what did other forces say of the same days?"""

from collections import defaultdict
from datetime import date, datetime

from watchroom.demand import definitions
from watchroom.demand.models import Published
from watchroom.demand.queries import day as days
from watchroom.demand.rules.comparing import Counted
from watchroom.foundation.errors import Refused

LONGEST = 92  # days


def shares(first: date, last: date, *, force: str, at: datetime) -> list[Counted]:
    """Every figure that is a share, added up over these days. Raises Refused where a definition changed on the way."""
    sums: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    hashes: dict[str, str] = {}
    for found in days.each(first, last, at=at):
        for code, defined in found.definitions.items():
            if hashes.setdefault(code, defined.hash) != defined.hash:
                raise Refused(f"What “{defined.title}” counts was changed on {found.date:%d %B %Y}. Choose days before or after.")
        for figure in found.figures:
            if figure.denominator is not None and found.definitions[figure.code].unit == "per cent":
                total = sums[figure.code, figure.of]
                total[0] += figure.numerator
                total[1] += figure.denominator
    return [
        Counted(
            force=force, code=code, of=of, definition=hashes[code], first=first, last=last, numerator=above, denominator=below
        )
        for (code, of), (above, below) in sums.items()
    ]


def published(code: str, of: str) -> list[Counted]:
    """What other forces handed in of this figure; of the same force and days the newest counts."""
    newest: dict[tuple[str, date, date], Counted] = {}
    for row in Published.objects.filter(figure=code, of=of).order_by("at", "pk"):
        newest[row.name, row.first, row.last] = Counted(
            force=row.name, code=row.figure, of=row.of, definition=row.definition, first=row.first, last=row.last,
            numerator=row.numerator, denominator=row.denominator, left_out=row.left_out,
        )  # fmt: skip
    return list(newest.values())


def titles(at: datetime) -> dict[str, definitions.Definition]:
    """What can be compared: the shares, by code."""
    policy = days.policy_of(at, at)
    return {code: one for code, one in definitions.under(policy).items() if one.unit == "per cent"}
