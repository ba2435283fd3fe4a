"""Cases to be looked at for their quality (R87, R92): drawn at random and again the same, as CSV, without anything personal."""

import csv
import secrets
from datetime import date, datetime, time, timedelta

from django.http import HttpResponse, QueryDict
from django.views.decorators.http import require_GET

from watchroom.force import queries as force
from watchroom.foundation import access, clock
from watchroom.foundation.errors import Invalid
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.foundation.scope import require as force_code
from watchroom.resolution import queries, rules

LONGEST = 366  # days
MOST = 200  # of each outcome
COLUMNS = (
    "force", "seed", "day", "log", "type", "outcome", "service", "suggested", "as_suggested", "vulnerability",
    "solvability_answers", "minutes_to_outcome", "promise", "follow_up", "in_touch_again_after_days", "closed",
)  # fmt: skip


@needs("resolution.sample")
@require_GET
def download(request: StaffRequest) -> HttpResponse:
    """GET `from`, `to` (days, the last 28 without them), `each` (cases of every outcome), `seed`: with the same seed the same cases."""
    at = clock.now()
    first, last, each = asked(request.GET, at)
    seed = request.GET.get("seed", "").strip()[:40] or secrets.token_hex(4)
    zone = force.timezone()
    found = queries.cases(
        datetime.combine(first, time(), tzinfo=zone), datetime.combine(last + timedelta(days=1), time(), tzinfo=zone)
    )
    drawn = rules.sample(found, seed, each)
    for case in drawn:
        access.log("export", subject=("incident", case.incident), reason="sample for quality", by=request.user.code, at=at)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="resolved-sample-{force_code()}-{first}-{last}.csv"'
    rows = csv.writer(response)
    rows.writerow(COLUMNS)
    for case in drawn:
        rows.writerow(
            [
                force_code(), seed, case.day.isoformat(), case.reference, case.kind, case.outcome, case.agency, case.suggested,
                "yes" if case.was_suggested else "no", "" if case.vulnerability is None else case.vulnerability, case.asked,
                case.minutes, case.promised, case.follow_up, "" if case.came_back is None else case.came_back,
                "yes" if case.is_closed else "no",
            ]
        )  # fmt: skip
    return response


def asked(sent: QueryDict, at: datetime) -> tuple[date, date, int]:
    """The first and the last day, the last 28 without them, and how many of each outcome. Raises Invalid."""
    today = force.local_day(at)
    try:
        last = date.fromisoformat(sent.get("to") or today.isoformat())
        first = date.fromisoformat(sent.get("from") or (last - timedelta(days=27)).isoformat())
    except ValueError:
        raise Invalid(day="Give the days as 2026-11-23.") from None
    if not timedelta(0) <= last - first <= timedelta(days=LONGEST):
        raise Invalid(day=f"The first day comes before the last, and no more than {LONGEST} days lie between them.")
    each = sent.get("each", "10")
    if not (each.isdecimal() and 1 <= int(each) <= MOST):
        raise Invalid(each=f"From 1 to {MOST} cases of every outcome.")
    return first, last, int(each)
