"""What did the form say? Times of day and days as they are written at the desk, and the answers to the five questions."""

from datetime import date, datetime, time, timedelta

from django.http import HttpRequest
from django.utils import timezone

from watchroom.force.policy import Policy
from watchroom.foundation.errors import Invalid

END_OF_DAY = time(17, 0)  # what is due on a day is due when the desk's day ends


def solvability(request: HttpRequest, policy: Policy) -> dict[str, bool]:
    """The answers that were given, `solve-<question>` yes or no; a question without an answer is not in it."""
    said = {q.code: request.POST.get(f"solve-{q.code}", "") for q in policy.solvability}
    return {code: answer == "yes" for code, answer in said.items() if answer in ("yes", "no")}


def moment(request: HttpRequest, at: datetime, name: str, *, day: str = "") -> datetime | None:
    """A time of day, of the day that was chosen or else the next moment that has it; nothing for nothing. Raises Invalid."""
    words = request.POST.get(name, "").strip()
    if not words:
        return None
    try:
        hour, minute = (int(part) for part in words.replace(".", ":").split(":")[:2])
        wanted = time(hour, minute)
    except ValueError:
        raise Invalid(**{name: "Write the time as hours and minutes, for example 14:30."}) from None
    local = timezone.localtime(at)
    chosen = _date(request, day) if day else None
    if chosen:
        return datetime.combine(chosen, wanted, tzinfo=local.tzinfo)
    found = datetime.combine(local.date(), wanted, tzinfo=local.tzinfo)
    return found if found > local else datetime.combine(local.date() + timedelta(days=1), wanted, tzinfo=local.tzinfo)


def day(request: HttpRequest, at: datetime, name: str) -> datetime | None:
    """The end of the desk's day on the day that was chosen; nothing for nothing. Raises Invalid."""
    chosen = _date(request, name)
    return datetime.combine(chosen, END_OF_DAY, tzinfo=timezone.localtime(at).tzinfo) if chosen else None


def said(moment: datetime | None, at: datetime) -> str:
    """As it is read out: “at 14:30”, “on 25 November at 14:30”."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    is_today = local.date() == timezone.localtime(at).date()
    return f"at {local:%H:%M}" if is_today else f"on {local.day} {local:%B} at {local:%H:%M}"


def _date(request: HttpRequest, name: str) -> date | None:
    words = request.POST.get(name, "").strip()
    if not words:
        return None
    try:
        return date.fromisoformat(words)
    except ValueError:
        raise Invalid(**{name: "Choose a day."}) from None
