"""What has this browser answered so far, and how far is the report with this code?"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings

from watchroom.contacts.chat import rules as chats
from watchroom.contacts.models import Contact
from watchroom.force.models import Force
from watchroom.gazetteer import queries as gazetteer
from watchroom.gazetteer.models import Place
from watchroom.portal import rules, seal
from watchroom.portal.models import Receipt, Talk, Visit

# A landmark may be a refuge: places that are not plain addresses are found by staff, never by the public.
PUBLIC_PLACES = ("address", "junction", "marker")


def public_force(code: str = "") -> Force | None:
    """The force that this page speaks for: by the address, by `WATCHROOM_PUBLIC_FORCE`, or the first there is."""
    code = code or settings.WATCHROOM_PUBLIC_FORCE
    rows = Force.objects.order_by("code")
    return rows.filter(code=code).first() if code else rows.first()


@dataclass
class Answers:
    """The answers so far. `secret` is None for a browser that has none."""

    secret: str | None = None
    values: dict[str, Any] = field(default_factory=dict)
    code: str = ""  # as shown, once it is sent


def answers(secret: str | None, *, at: datetime) -> Answers:
    """What is kept under the cookie's secret; nothing when there is none or its hour is over."""
    if not secret or not seal.is_secret(secret):
        return Answers()
    row = Visit.objects.filter(handle=seal.handle(secret), expires_at__gt=at).select_related("receipt").first()
    if row is None:
        return Answers()
    return Answers(secret, seal.open_(secret, row.sealed), rules.shown_code(row.receipt.code) if row.receipt else "")


def places(text: str) -> list[Place]:
    """Addresses that may be meant by what somebody typed."""
    return [place for place in gazetteer.find(text) if place.kind in PUBLIC_PLACES]


def place(reference: str) -> Place | None:
    return Place.objects.filter(reference=reference, kind__in=PUBLIC_PLACES).first() if reference else None


def status(typed: str) -> str:
    """The status of the report with this code, or nothing. One query either way: an unknown code takes as long as a known one."""
    code = rules.read_code(typed)
    found = (
        Contact.objects.filter(pk__in=Receipt.objects.filter(code=code).values("contact"))
        .values_list("state", "involvement__incident__state")
        .first()
    )
    return rules.status(*found) if found else ""


def talk(secret: str | None, *, at: datetime) -> Talk | None:
    """The conversation under the cookie's secret, with its contact and how it stands: one query, by one index.

    None when there is none, or it ended more than an hour ago.
    """
    if not secret or not seal.is_secret(secret):
        return None
    rows = Talk.objects.select_related("contact__chat", "contact__receipt").filter(handle=seal.handle(secret), expires_at__gt=at)
    found = rows.first()
    if found is None or (found.contact.ended_at and found.contact.ended_at + chats.KEEPS_FOR <= at):
        return None
    return found


def unsent(secret: str | None, row: Talk) -> str:
    """What was typed in this browser and not sent."""
    return seal.open_(secret, row.sealed).get("text", "") if secret else ""
