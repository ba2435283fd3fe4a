"""How do we say a time, a level, a grade or a radio status, so that colour is never the first thing said?"""

from dataclasses import dataclass
from datetime import datetime

#: The canonical grades and the digit inside their shape; the shapes are octagon, diamond, square, circle, dashed square.
GRADES = {"immediate": 1, "priority": 2, "scheduled": 3, "appointment": 4, "rwd": 5}
GRADE_NAMES = {1: "Immediate", 2: "Priority", 3: "Scheduled", 4: "Appointment", 5: "Resolve"}

LEVELS = ("none", "low", "medium", "high")
SURENESS = ("", "Possible", "Maybe", "Likely", "Known")

#: Radio status 0–16 and the shape of its number: filled may be sent, thick edge on the way, black at scene, dashed cannot.
STATUS_SHAPES = {0: "0", 2: "free", 3: "free", 5: "go", 6: "scene", 4: "off", 10: "off", 11: "off"}

SOON_SHARE = 0.1  # only the last tenth of the time is amber, so that amber still means something

MINUTE, HOUR, DAY = 60, 3600, 86400


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a timer shows at one moment."""

    text: str
    left: int  # per cent of the time that is left, for the ring
    state: str  # "", "soon" or "over"


def grade_number(grade: int | str) -> int:
    """The digit of a grade, from its digit or its code. Raises ValueError for anything else."""
    number = GRADES.get(str(grade)) or (int(grade) if str(grade).isdigit() else 0)
    if number not in GRADE_NAMES:
        raise ValueError(f"no such grade: {grade!r}")
    return number


def span(seconds: float) -> str:
    """A length of time as it is said in the room: 0:58, 13:34, 8 h 40, 3 days."""
    whole = max(0, int(seconds))
    if whole < HOUR:
        return f"{whole // MINUTE}:{whole % MINUTE:02}"
    if whole < 2 * DAY:
        return f"{whole // HOUR} h {whole % HOUR // MINUTE:02}"
    return f"{whole // DAY} days"


def read_timer(
    *,
    at: datetime,
    start: datetime | None = None,
    target: datetime | None = None,
    counts_up: bool = False,
    soon: float | None = None,
) -> Reading:
    """What a clock says at `at`.

    It counts down to `target`, or up from `start`. Without a target it never becomes soon or over.
    `soon` is the number of seconds before the target at which it turns amber; by default the last tenth.
    """
    elapsed = (at - start).total_seconds() if start else 0.0
    if target is None:
        return Reading(text=span(elapsed), left=0, state="")
    remaining = (target - at).total_seconds()
    whole = (target - start).total_seconds() if start else max(remaining, 1.0)
    if remaining < 0:
        text = span(elapsed) if counts_up else f"{span(-remaining)} late"
        return Reading(text=text, left=0, state="over")
    warn = whole * SOON_SHARE if soon is None else soon
    left = round(100 * min(1.0, remaining / whole)) if whole > 0 else 0
    text = span(elapsed) if counts_up else span(remaining)
    return Reading(text=text, left=left, state="soon" if remaining <= warn else "")
