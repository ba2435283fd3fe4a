"""How often have they been in touch, and why is it thought to be the same (R64, R67, R74)? Counted, never summed up in a score.

By the number that rings, from the address, as the person (confirmed, or by a number linked to them), and by others of the
household. One contact counts once in each window, however many of these hold; each way is counted beside it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from watchroom.contacts.models import Contact
from watchroom.force.policy import Policy
from watchroom.identity import queries
from watchroom.identity.models import History, Link

WAYS = {
    "number": "by this number",
    "place": "from this address",
    "person": "as {name}",
    "household": "by others of the household",
}
MOST = 500  # contacts looked at; more are said to be more


@dataclass(frozen=True)
class Seen:
    """An earlier contact, and by which of `WAYS` it is thought to be the same."""

    at: datetime
    ways: frozenset[str]


@dataclass(frozen=True)
class Window:
    days: int
    total: int
    by: tuple[tuple[str, int], ...]  # way, how many; in the order of `WAYS`, none left out that is not nought

    @property
    def words(self) -> str:
        return "a day" if self.days == 1 else "a week" if self.days == 7 else f"{self.days} days"


@dataclass(frozen=True)
class Repeats:
    windows: tuple[Window, ...]  # the shortest first; with nothing in the longest there are none
    is_often: bool  # so often that a plan is asked for, where there is none
    name: str  # of the one person who is thought to be calling; empty where there are none or several

    def reasons(self) -> tuple[str, ...]:
        """Of the longest window, in words: 3 by this number."""
        if not self.windows:
            return ()
        return tuple(f"{n} {WAYS[way].format(name=self.name or 'the same person')}" for way, n in self.windows[-1].by)


def count(seen: Iterable[Seen], *, now: datetime, windows: Sequence[int]) -> tuple[Window, ...]:
    """Per window of days up to now. Windows that hold no more than a shorter one are left out."""
    rows = [one for one in seen if one.at < now and one.ways]
    found: list[Window] = []
    for days in sorted(set(windows)):
        inside = [one for one in rows if one.at >= now - timedelta(days=days)]
        if inside and (not found or len(inside) > found[-1].total):
            by = tuple((way, n) for way in WAYS if (n := sum(way in one.ways for one in inside)))
            found.append(Window(days, len(inside), by))
    return tuple(found)


def of(contact: Contact, *, policy: Policy, now: datetime) -> Repeats:
    """Before this contact. Five queries, whatever the number of contacts."""
    rule = policy.contacts
    since = contact.received_at - timedelta(days=max(rule.repeat_windows_days))
    who = queries.may_be(contact)
    people = [one.person for one in who]
    own = set(queries.contacts_of(people)) if people else set()
    others = _household(contact, people)
    seen = []
    for row in queries.before(contact, own | others, since=since).only("pk", "received_at", "caller_number", "place_id")[:MOST]:
        ways = {
            "number": bool(contact.caller_number) and row.caller_number == contact.caller_number,
            "place": bool(contact.place_id) and row.place_id == contact.place_id,
            "person": row.pk in own,
            "household": row.pk in others and row.pk not in own,
        }
        seen.append(Seen(row.received_at, frozenset(way for way, holds in ways.items() if holds)))
    past, records = queries.about(contact, people), queries.whole(people)
    for old in History.objects.filter(past, at__gte=since, at__lt=contact.received_at).order_by("-at")[:MOST]:
        ways = {
            "number": bool(old.number) and old.number == contact.caller_number,
            "place": old.place_id is not None and old.place_id == contact.place_id,
            "person": old.person_id in records,
        }
        seen.append(Seen(old.at, frozenset(way for way, holds in ways.items() if holds)))
    windows = count(seen, now=contact.received_at, windows=rule.repeat_windows_days)
    lately = sum(one.at >= contact.received_at - timedelta(days=rule.repeat_window_days) for one in seen)
    return Repeats(windows, lately >= rule.plan_from, who[0].name if len(who) == 1 else "")


def _household(contact: Contact, people: list[int]) -> frozenset[int]:
    """Contacts of others who are known to live at this place."""
    if not contact.place_id:
        return frozenset()
    there = Link.objects.filter(observation__kind="place", observation__value=str(contact.place_id), undone_at=None)
    others = {link.person.head for link in there.exclude(person_id__in=queries.whole(people)).select_related("person")[:60]}
    return frozenset(queries.contacts_of(sorted(others)[:20])) if others else frozenset()
