"""What does a machine read?

Ids within a force follow the order in which rows were committed (`contacts.actions.receive` and `incidents.actions.open_incident`
number under a lock they hold to the end), so following `after` passes over nothing.
"""

from typing import Any

from watchroom.contacts.chat import rules as chats
from watchroom.contacts.models import Contact, Line
from watchroom.gazetteer.models import Place
from watchroom.incidents import queries as logs
from watchroom.incidents.models import Incident, Involvement


def receipt(contact: Contact, repeated: bool) -> dict[str, Any]:
    return {
        "id": contact.pk,
        "reference": contact.reference,
        "state": contact.state,
        "received_at": contact.received_at,
        "repeated": repeated,
    }


def contacts(*, after: int, limit: int) -> dict[str, Any]:
    rows = list(Contact.objects.filter(pk__gt=after).order_by("pk")[: limit + 1])
    about = dict(Involvement.objects.filter(contact__in=[row.pk for row in rows]).values_list("contact_id", "incident_id"))
    return _page([_contact_short(row, about.get(row.pk)) for row in rows], limit)


def contact(pk: int) -> dict[str, Any] | None:
    row = Contact.objects.filter(pk=pk).select_related("place", "place__beat").first()
    if row is None:
        return None
    incident = Involvement.objects.filter(contact=row).values_list("incident_id", flat=True).first()
    lines = Line.objects.filter(contact=row).order_by("at", "pk").values("at", "written_at", "text", "origin")
    return {
        **_contact_short(row, incident),
        "number": row.number,
        "day": row.day,
        "caller_number": row.caller_number,
        "caller_name": row.caller_name,
        "caller_email": row.caller_email,
        "place": _place(row.place),
        "place_said": row.place_said,
        "safe_contact": row.safe_contact,
        "safe_ways": row.safe_ways,
        "safe_times": row.safe_times,
        "may_leave_message": row.may_leave_message,
        "way": row.way,
        "language": row.language,
        "lines": list(lines),
    }


def incidents(*, state: str | None, after: int, limit: int) -> dict[str, Any]:
    rows = Incident.objects.filter(pk__gt=after).order_by("pk")
    if state:
        rows = rows.filter(state=state)
    return _page([_incident_short(row) for row in rows[: limit + 1]], limit)


def incident(pk: int) -> dict[str, Any] | None:
    row = Incident.objects.filter(pk=pk).select_related("place", "place__beat").first()
    if row is None:
        return None
    return {
        **_incident_short(row),
        "headline": row.headline,
        "place": _place(row.place),
        "place_said": row.place_said,
        "opening_category": row.opening_category,
        "closing_category": row.closing_category,
        "qualifiers": row.qualifiers,
        "result": row.result,
        "contacts": list(Involvement.objects.filter(incident=row).order_by("contact_id").values_list("contact_id", flat=True)),
        "log": [
            {"at": line.at, "written_at": line.written_at, "text": line.text, "origin": line.origin} for line in logs.log(row.pk)
        ],
    }


def _page(items: list[dict[str, Any]], limit: int) -> dict[str, Any]:
    """`items` holds one more than asked for when there are more."""
    shown = items[:limit]
    return {"items": shown, "next": shown[-1]["id"] if len(items) > limit else None}


def _contact_short(row: Contact, incident: int | None) -> dict[str, Any]:
    return {
        "id": row.pk,
        "reference": row.reference,
        "channel": row.channel,
        "state": row.state,
        "transferred_at": row.transferred_at,
        "received_at": row.received_at,
        "answered_at": row.answered_at,
        "ended_at": row.ended_at,
        "wrapped_at": row.wrapped_at,
        "incident": incident,
    }


def _incident_short(row: Incident) -> dict[str, Any]:
    return {
        "id": row.pk,
        "reference": row.reference,
        "day": row.day,
        "state": row.state,
        "kind": row.kind,
        "grade": row.grade,
        "opened_at": row.opened_at,
        "graded_at": row.graded_at,
        "attend_by": row.attend_by,
        "attended_at": row.attended_at,
        "closed_at": row.closed_at,
    }


def _place(place: Place | None) -> dict[str, Any] | None:
    if place is None:
        return None
    return {
        "reference": place.reference,
        "label": place.label,
        "locality": place.locality,
        "beat": place.beat.name,
        "latitude": place.latitude,
        "longitude": place.longitude,
    }


def texts(*, after: int, limit: int) -> list[Line]:
    """What was written to those who texted 999, in the order of writing."""
    rows = Line.objects.filter(pk__gt=after, origin="to_caller", contact__channel=chats.TEXTS)
    return list(rows.select_related("contact").order_by("pk")[:limit])
