"""What did one person do, on one day? The only place that reads it; the chain keeps every state, and cannot forget one.

One person and one day at a time, and never a sum: two people's days cannot be put side by side here.
"""

from datetime import date, datetime, time, timedelta

from watchroom.force import queries as force
from watchroom.foundation import access
from watchroom.foundation.models import Fact
from watchroom.staff import reading
from watchroom.staff.models import Member
from watchroom.staff.reading import Spell

KINDS = {"StateChanged": None, "LoggedIn": "in", "LoggedOut": "out"}


def day_of(member: Member, *, day: date, reader: Member, because: str, at: datetime) -> list[Spell] | None:
    """The states of this local day that `reader` may read under the policy of now; None where it is none of it.

    A look at somebody else's is written to the access log before anything is read (DPA 2018 s.62), each time.
    """
    zone, policy = force.timezone(), force.policy_at(at).policy.states
    start, end = (datetime.combine(one, time(), zone) for one in (day, day + timedelta(days=1)))
    is_self = member.pk == reader.pk
    since = reading.since(is_self=is_self, roles=reader.roles, has_reason=bool(because), policy=policy, at=at)
    if since is not None and min(end, at) <= since:
        return None
    if not is_self:
        reason = ": ".join(filter(None, [f"states of {day:%d %b %Y}", because]))
        access.log("consultation", subject=("member", member.pk), reason=reason, by=reader.code, at=at)
    told = Fact.objects.filter(subject_kind="member", subject_id=member.pk, kind__in=KINDS)
    before = told.filter(at__lt=start).order_by("-at", "-pk")[:1]
    rows = [*before, *told.filter(at__gte=start, at__lt=end).order_by("at", "pk")]
    after = told.filter(at__gte=end).order_by("at", "pk")[:1]  # when the last of the day ended is on the day after
    return reading.spells(
        [(row.at, KINDS[row.kind] or row.body["state"]) for row in [*rows, *after]], start=start, end=end, since=since, at=at
    )
