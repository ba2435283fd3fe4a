"""Who is waiting, what does this person still have to finish, and how did a contact end?"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Case, ExpressionWrapper, F, Lookup, Q, QuerySet, Value, When, Window
from django.db.models.functions import Coalesce, RowNumber

from watchroom.contacts import grouping, rules, whereabouts
from watchroom.contacts.callbacks import queries as callbacks
from watchroom.contacts.callbacks import rules as callback_rules
from watchroom.contacts.models import Contact, Fix, Interpreter
from watchroom.force import queries as force
from watchroom.foundation import memory
from watchroom.foundation.facts import Told
from watchroom.foundation.models import Fact
from watchroom.foundation.statements import statement
from watchroom.gazetteer import queries as gazetteer
from watchroom.gazetteer.models import Place

OLDER_SHOWN = 6  # positions before the one that is shown
SHOWN_AT_ONCE = 4  # a handler sees whom to answer next, never how many wait: the queue must not colour a judgement (R47)


def told_of(told: Told) -> Contact:
    """The contact of this fact, read once for all reactions to it.

    Who and where the caller is does not change between them: that has facts of its own. What the first of them may have changed
    (attention, position, whose it is) is not to be read here. Raises Contact.DoesNotExist.
    """
    if isinstance(told.row, Contact):
        return told.row
    pk: int = getattr(told.fact, "contact")  # noqa: B009 - of whatever kind the fact is
    found: Contact = memory.once(f"contact {pk} of fact {told.id}", lambda: _contact.get(pk))
    return found


@statement
def _contact(pk: int) -> QuerySet[Contact]:
    return Contact.objects.filter(pk=pk)


def in_line(rows: QuerySet[Contact], limit: int, back: frozenset[int] = frozenset(), *, at: datetime) -> list[Contact]:
    """Those of the waiting among whom the first `limit` of the queue are, however many wait."""
    return list(first_in_line(rows, limit, back, at=at))


def first_in_line(rows: QuerySet[Contact], limit: int, back: frozenset[int] = frozenset(), *, at: datetime) -> QuerySet[Contact]:
    """The same, for a statement too.

    Of one channel and attention who waited longest is first (`rules.queue_order`), and so it is among those who stand `back`; so
    the first few of each are enough, and of each need, or callers whom nobody here can take would keep those behind them out of
    sight. Who is in a menu is not in the queue yet. Callbacks (`is_callback`) are counted by themselves: they may not be due, and
    must not stand before those who are on the line.
    """
    found = _in_queue(rows, at=at)
    alike: list[Any] = ["channel", "attention", "is_callback", "needs", "way", "language"]
    if back:
        alike.append(Case(When(pk__in=back, then=Value(1)), default=Value(0)))
    turn = Window(RowNumber(), partition_by=alike, order_by=[Coalesce("place_from", "transferred_at"), "pk"])
    # who stands where is found without what else is asked of them: to join and carry that for all who wait takes many times as long
    first = found.select_related(None).annotate(turn=turn).filter(turn__lte=limit).values_list("pk", flat=True)
    return found.filter(_Among(F("pk"), ArraySubquery(first)))


class _Among(Lookup):
    """`id = any (array (select …))`: who they are is found once, whatever the planner expects.

    Of a table that has filled since it was last counted it expects one row, and would find them anew for each who waits.
    """

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        one, which = self.process_lhs(compiler, connection), self.process_rhs(compiler, connection)
        return f"{one[0]} = any {which[0]}", (*one[1], *which[1])


def _in_queue(rows: QuerySet[Contact], *, at: datetime) -> QuerySet[Contact]:
    is_due = Q(callback=None) | callbacks.due(at)
    is_in = Q(menu_until=None) | Q(menu_until__lte=at)
    owed = ExpressionWrapper(Q(callback__isnull=False), output_field=BooleanField())
    return rows.filter(is_in, is_due, state=Contact.State.WAITING).annotate(is_callback=owed)


def standing_back(at: datetime) -> frozenset[int]:
    """Who of those that wait lets others go first, because many ring from where they are; nobody unless that is declared."""
    if force.grouping_at(at) is None:
        return frozenset()
    policy = force.policy_at(at).policy
    since = at - timedelta(seconds=policy.routing.grouping.window_s)
    here = Q(state=Contact.State.WAITING) | Q(transferred_at__gte=since)
    calls = Contact.objects.filter(here, channel__in=rules.CALLS, located_x__isnull=False).exclude(state=Contact.State.ABANDONED)
    fixes: dict[int, list[Fix]] = defaultdict(list)
    for fix in Fix.objects.filter(contact__in=calls.values("pk"), at__lte=at):
        fixes[fix.contact_id].append(fix)
    callers = (
        grouping.Caller(
            id=pk,
            channel=channel,
            transferred_at=transferred_at,
            attention=attention,
            spot=None if any(one.is_shared for one in fixes[pk]) else grouping.spot(fixes[pk], policy),
            is_waiting=state == Contact.State.WAITING,
        )
        for pk, channel, transferred_at, attention, state in calls.values_list(
            "pk", "channel", "transferred_at", "attention", "state"
        )
    )
    return grouping.standing_back(callers, policy)


def waiting(*, at: datetime, limit: int = SHOWN_AT_ONCE) -> list[Contact]:
    """The next to be answered, in the order in which they should be (`rules.queue_order`)."""
    policy = force.policy_at(at).policy
    back = standing_back(at)
    shown = Contact.objects.select_related("place", "place__beat", "offered_to", "callback")
    rows = list(_in_queue(shown, at=at)[: limit + 1])  # mostly these are all
    if len(rows) > limit:
        rows = in_line(shown, limit, back, at=at)
    if not callback_rules.is_hour(at.astimezone(force.timezone()), policy):
        rows = [row for row in rows if not row.is_callback]  # type: ignore[attr-defined]
    return rules.queue_order(rows, policy, back)[:limit]


def in_trays() -> QuerySet[Contact]:
    """What lies in the digital trays and nobody has taken."""
    return Contact.objects.filter(state=Contact.State.WAITING, channel__in=rules.TRAYS)


def trays(*, limit: int, start: int = 0) -> list[Contact]:
    """The same by risk, then age (`rules.tray_order`): so many, without the first `start`."""
    rows = in_trays().select_related("place", "offered_to", "message").order_by("-attention", "transferred_at", "pk")
    return rules.tray_order(rows[start : start + limit])


def offered_to(member: int) -> Contact | None:
    """What rings for this person now."""
    return Contact.objects.filter(state=Contact.State.WAITING, offered_to_id=member).order_by("transferred_at").first()


def unfinished(member: int) -> QuerySet[Contact]:
    """What this person has answered and not written up, oldest first."""
    states = (Contact.State.ANSWERED, Contact.State.ENDED)
    return Contact.objects.filter(owner_id=member, state__in=states).select_related("place").order_by("answered_at")


def written_up(ids: list[int]) -> list[Contact]:
    """Of these, what is written up, oldest first."""
    rows = Contact.objects.filter(pk__in=ids, state=Contact.State.WRAPPED) if ids else Contact.objects.none()
    return list(rows.select_related("place").order_by("answered_at"))


def awaiting_interpreter() -> list[Interpreter]:
    """For whom an interpreter was asked who is not there yet, the longest wait first."""
    rows = Interpreter.objects.filter(joined_at=None, ended_at=None, contact__state=Contact.State.ANSWERED)
    return list(rows.select_related("contact", "contact__owner").order_by("asked_at"))


def how_ended(contact: Contact) -> str:
    """caller, handler or cut_off; empty while it goes on, and for contacts that nobody answered."""
    found = ending(contact) if contact.ended_at else None
    return found[0] if found else ""


def ending(contact: Contact) -> tuple[str, datetime] | None:
    """How and when the line went down after somebody had answered; None when it did not. Who was rung back had hung up before, too."""
    fact = Fact.objects.filter(kind="ContactEnded", subject_kind="contact", subject_id=contact.pk).order_by("-pk").first()
    return (fact.body.get("how", ""), fact.at) if fact else None


@dataclass(frozen=True, kw_only=True)
class Whereabouts:
    """Where the network and the handset have a caller, as it is shown: always beside the place that a person picked, never instead."""

    best: Fix | None = None
    near: Place | None = None  # the address nearest to it
    method: str = ""  # in words
    says: str = ""  # method, radius, confidence
    taken_at: datetime
    address: str = ""  # of the line, as the network has it
    subscriber: str = ""
    moved: str = ""
    warnings: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    older: list[tuple[Fix, str]] = field(default_factory=list)  # newest first, each in words


def located(contact: Contact, *, at: datetime, with_history: bool = True) -> Whereabouts | None:
    """None when nobody said where this caller is. What is shown first is weighed anew: a position is worth less as it ages."""
    return located_among([contact], at=at, with_history=with_history).get(contact.pk)


def located_among(contacts: Iterable[Contact], *, at: datetime, with_history: bool = True) -> dict[int, Whereabouts]:
    """The same of each of these of whom somebody said where they are, their positions read in one query."""
    asked = {row.pk: row for row in contacts if row.located_by or row.is_call}
    fixes: dict[int, list[Fix]] = defaultdict(list)
    for fix in Fix.objects.filter(contact__in=asked, at__lte=at).order_by("-taken_at", "-pk") if asked else ():
        fixes[fix.contact_id].append(fix)
    return {pk: _whereabouts(asked[pk], found, at=at, with_history=with_history) for pk, found in fixes.items()}


def _whereabouts(contact: Contact, fixes: list[Fix], *, at: datetime, with_history: bool) -> Whereabouts:
    """`fixes`: of this contact, the newest first, one at least."""
    policy = force.policy_at(at).policy.locations
    best = whereabouts.best(fixes, at, policy)
    shown = best or fixes[0]
    line = next((one for one in fixes if one.address or one.subscriber), None)
    picked = (contact.place.x, contact.place.y) if contact.place else None
    warnings = whereabouts.disagreements(fixes, picked=picked, now=at, policy=policy)
    if any(one.is_shared for one in fixes):
        warnings.append("Two calls of this number were live: a position may be of the other one.")
    marks = ["Internet telephone: it may be anywhere"] if any(one.is_voip for one in fixes) else []
    if any(one.is_mobile for one in fixes):
        marks.append("Mobile")
    if shown.x is None and shown.latitude is not None:
        marks.append(f"Outside the map: {shown.latitude:.5f}, {shown.longitude:.5f}")
    others = [one for one in fixes if one != shown][:OLDER_SHOWN] if with_history else []
    return Whereabouts(
        best=best,
        near=gazetteer.nearest(best.x, best.y) if best and best.x is not None and best.y is not None else None,
        method=policy.method(shown.method).label,
        taken_at=shown.taken_at,
        says=whereabouts.says(shown, policy),
        address=", ".join(filter(None, [line.address, line.postcode])) if line else "",
        subscriber=line.subscriber if line else "",
        moved=whereabouts.movement(fixes, at, policy),
        warnings=warnings,
        marks=marks,
        older=[(one, whereabouts.says(one, policy)) for one in others],
    )
