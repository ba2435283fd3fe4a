"""A position came: to which call does it belong? A call came: is a position waiting for it?"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from watchroom.contacts import actions as contacts
from watchroom.contacts import rules as numbers
from watchroom.contacts.models import Contact
from watchroom.contacts.queries import told_of
from watchroom.contacts.whereabouts import Report
from watchroom.force import queries as force
from watchroom.foundation import locks
from watchroom.foundation.errors import Invalid
from watchroom.foundation.facts import Told
from watchroom.foundation.statements import statement
from watchroom.gazetteer import queries as gazetteer
from watchroom.links.eisec_aml import aml, eisec, rules
from watchroom.links.eisec_aml.models import Kept

BY = "link:eisec_aml"
MOST_KEPT = 20  # positions of one number that wait for a call: the newest


@dataclass(frozen=True)
class Heard:
    """What became of a position."""

    matched: int  # calls that it is about
    is_kept: bool  # none yet: it waits
    has_point: bool


def hear_text(*, text: str, number: str, at: datetime, by: str = BY) -> Heard:
    """A handset's text (AML), from `number`. Raises Invalid, naming the key of the text."""
    try:
        message = aml.parse(text)
    except rules.Unreadable as error:
        raise Invalid(**{name if name == "sms" else f"sms.{name}": says for name, says in error.fields.items()}) from None
    return _hear(aml.report(message), number=number, number_field="from", time_field="sms.top", at=at, by=by)


def hear_record(*, record: eisec.Record, at: datetime, by: str = BY) -> Heard:
    """A record of the network (EISEC). Raises Invalid, naming the field."""
    return _hear(eisec.report(record, heard_at=at), number=record.cli, number_field="cli", time_field="time", at=at, by=by)


def _hear(found: Report, *, number: str, number_field: str, time_field: str, at: datetime, by: str) -> Heard:
    policy = force.policy_at(at).policy.locations
    normal = numbers.normal_number(number)
    if not normal.startswith("+"):
        raise Invalid(**{number_field: "This is no full telephone number; without one a position cannot be matched to a call."})
    if says := rules.problem_of_time(found.taken_at, at, policy):
        raise Invalid(**{time_field: says})
    with transaction.atomic():
        _one_at_a_time(normal)
        calls = _calls(normal, at=at)
        matched = rules.calls_of(normal, calls, taken_at=found.taken_at, heard_at=at, policy=policy)
        for contact in matched:
            _give(contact, found, is_shared=len(matched) > 1, by=by, at=at)
        if not matched:
            _keep(normal, found, by=by, at=at)
    return Heard(len(matched), not matched, found.latitude is not None or bool(found.address or found.postcode))


def notice(told: Told) -> None:
    """Reaction: a contact arrived. The positions of its number that came before it are given to it."""
    contact = told_of(told)
    if not contact.caller_number or not contact.is_call:
        return
    policy = force.policy_at(told.at).policy.locations
    _one_at_a_time(contact.caller_number)
    for row in _kept(contact.caller_number):
        calls = rules.calls_of(
            contact.caller_number, _calls(row.number, at=told.at), taken_at=row.taken_at, heard_at=row.at, policy=policy
        )
        if contact.pk in calls and rules.is_kept(row.at, contact.received_at, policy):
            for one in calls:
                _give(one, _unpacked(row), is_shared=len(calls) > 1, by=row.by, at=max(row.at, told.at))
            row.delete()


@statement
def _kept(number: str) -> QuerySet[Kept]:
    return Kept.objects.select_for_update().filter(number=number).order_by("taken_at", "pk")


def purge(*, at: datetime) -> int:
    """What met no call in time is thrown away; how many that were."""
    policy = force.policy_at(at).policy.locations
    gone, _ = Kept.objects.filter(at__lt=at - timedelta(seconds=policy.before_s)).delete()
    return gone


def _one_at_a_time(number: str) -> None:
    """A position and its call may come in the same moment: the second waits, and sees the first."""
    locks.hold(f"location:{number}")


def _calls(number: str, *, at: datetime) -> list[Contact]:
    policy = force.policy_at(at).policy.locations
    rows = Contact.objects.filter(caller_number=number, channel__in=numbers.CALLS)
    live = Q(state__in=(Contact.State.WAITING, Contact.State.ANSWERED)) | Q(ended_at__gte=at - timedelta(seconds=policy.after_s))
    return list(rows.filter(live).order_by("pk"))


def _give(contact: int, found: Report, *, is_shared: bool, by: str, at: datetime) -> None:
    contacts.locate(contact=contact, found=found, point=_point(found), is_shared=is_shared, by=by, at=at)


def _point(found: Report) -> tuple[float, float] | None:
    """On the force's grid; a line that gives only its address has the point of the one place that is called so."""
    if found.latitude is not None and found.longitude is not None:
        return gazetteer.on_grid(found.latitude, found.longitude)
    if found.method != "line" or not found.address:
        return None
    place = gazetteer.only(f"{found.address} {found.postcode}")
    return (place.x, place.y) if place else None


def _keep(number: str, found: Report, *, by: str, at: datetime) -> None:
    Kept.objects.create(number=number, report=_packed(found), taken_at=found.taken_at, at=at, by=by)
    old = Kept.objects.filter(number=number).order_by("-at", "-pk").values_list("pk", flat=True)[MOST_KEPT:]
    Kept.objects.filter(pk__in=list(old)).delete()


def _packed(found: Report) -> dict[str, Any]:
    return {**asdict(found), "taken_at": found.taken_at.isoformat()}


def _unpacked(row: Kept) -> Report:
    return Report(**{**row.report, "taken_at": datetime.fromisoformat(row.report["taken_at"])})
