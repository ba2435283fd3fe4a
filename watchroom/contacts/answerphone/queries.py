"""Which boxes are open, which messages has nobody listened to, and what was left with this contact?"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

import holidays

from watchroom.contacts.answerphone import rules
from watchroom.contacts.models import Message
from watchroom.force import queries as force
from watchroom.force.policy import Box


@dataclass(frozen=True)
class Shown:
    """A box as it stands now."""

    box: Box
    is_open: bool
    divert: rules.Divert


def bank_holidays(at: datetime) -> frozenset[date]:
    """Those of this year, the last and the next, for the part of the country that the policy names."""
    year = force.local_day(at).year
    return _bank_holidays(force.policy_at(at).policy.answerphone.bank_holidays, year)


@lru_cache(maxsize=64)
def _bank_holidays(part: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("GB", subdiv=part, years=range(year - 1, year + 2)))


def box(code: str, *, at: datetime) -> Box | None:
    return force.policy_at(at).policy.answerphone.box(code)


def divert(one: Box, *, at: datetime) -> rules.Divert:
    """May a call be sent to this box now?"""
    return rules.may_divert(one, at, bank_holidays(at), force.timezone())


def boxes(*, at: datetime) -> list[Shown]:
    days, zone = bank_holidays(at), force.timezone()
    return [
        Shown(one, rules.is_open(one, at, days, zone), rules.may_divert(one, at, days, zone))
        for one in force.policy_at(at).policy.answerphone.boxes
    ]


def unheard() -> list[Message]:
    """What nobody has listened to, the first due first."""
    return list(Message.objects.filter(listened_at=None).select_related("contact", "contact__owner").order_by("due_at", "pk"))


def of(contact: int) -> Message | None:
    return Message.objects.filter(contact_id=contact).select_related("attachment", "transcript").first()
