"""Which series wait for the vulnerability desk, and which incidents share a person, a place or a number?"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from watchroom.identity import queries as identity
from watchroom.identity.misuse.rules import Touches
from watchroom.incidents import parties
from watchroom.incidents import queries as incidents
from watchroom.incidents.models import Incident, Party
from watchroom.referrals import rules
from watchroom.referrals.models import Alert, AlertIncident

LONGEST_DAYS = 366


def open_alerts() -> QuerySet[Alert]:
    """What waits, the oldest first."""
    return Alert.objects.filter(settled_at=None).prefetch_related("members__incident__place").order_by("opened_at", "pk")


def settled_alerts(*, since: datetime) -> QuerySet[Alert]:
    return Alert.objects.filter(settled_at__gte=since).prefetch_related("members__incident__place").order_by("-settled_at")


def touches(alert: int) -> Touches:
    """What all incidents of the series have to do with: for whoever may not look at it without a reason."""
    found = Touches()
    for incident in AlertIncident.objects.filter(alert=alert).values_list("incident_id", flat=True):
        found |= incidents.touches(incident)
    return found


def threads(incident: Incident, parts: Collection[str]) -> list[tuple[str, str]]:
    """(same, ref) by which this incident may belong with others. `parts`: those in which somebody joins them, whoever called.

    A person only when known, as a caller or in such a part; a place only when it is somebody's address, for at a station or a
    hospital things always happen; a number only when the network said it, for anybody can type anybody's.
    """
    found: set[tuple[str, str]] = set()
    if incident.place and incident.place.kind == "address":
        found.add(("place", str(incident.place_id)))
    for contact in incidents.contacts_of(incident.pk):
        if contact.caller_number and not contact.number_is_typed:
            found.add(("number", contact.caller_number))
        found |= {("person", str(c.person)) for c in identity.candidates(contact, on=contact.day) if c.tier == "known"}
    found |= {("person", str(row.person.head)) for row in parties.of(incident.pk) if row.person and row.role in parts}
    return sorted(found)


def happened(same: str, ref: str, parts: Collection[str], *, until: datetime) -> list[rules.Happened]:
    """All that happened on this thread in the year before `until`: of a person what they rang about, and where they had such a part."""
    wanted = {
        "place": lambda: Q(place_id=ref),
        "number": lambda: Q(involvements__contact__caller_number=ref),
        "person": lambda: Q(involvements__contact__in=identity.contacts_of([int(ref)])) | Q(pk__in=_with_a_part(int(ref), parts)),
    }[same]()
    since = until - timedelta(days=LONGEST_DAYS)
    rows = Incident.objects.filter(wanted, opened_at__gte=since, opened_at__lte=until).distinct()
    return [rules.Happened(row.pk, row.opened_at, row.kind, row.grade) for row in rows]


def _with_a_part(person: int, parts: Collection[str]) -> QuerySet[Party, Any]:
    rows = Party.objects.filter(person__in=identity.whole([person]), role__in=parts, ended_at=None)
    return rows.values("incident")


def contributions(*, since: datetime) -> dict[str, int]:
    """How the alerts settled since then ended, by code: what the desk contributed, and how often it was no series (R93)."""
    found: dict[str, int] = {}
    for code in Alert.objects.filter(settled_at__gte=since).values_list("contribution", flat=True):
        found[code] = found.get(code, 0) + 1
    return found
