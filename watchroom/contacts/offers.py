"""At whose desk does each waiting contact ring? What `routing.decide` says, done: offered, and taken back when nobody takes it.

Anybody may still take any contact that waits: an offer says who should, and keeps nobody from helping. Without this process the
waiting page shows the same queue, and nothing else is lost.
"""

from collections import Counter
from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet

from watchroom.contacts import facts as told
from watchroom.contacts import queries, routing, rules, stages
from watchroom.contacts.callbacks.queries import under_way
from watchroom.contacts.models import Contact, Stage
from watchroom.contacts.routing import Agent, Offer, State, Waiting
from watchroom.force import queries as force
from watchroom.force.policy import Policy
from watchroom.foundation import facts, locks, scope
from watchroom.foundation.statements import among, statement
from watchroom.staff import actions as staff
from watchroom.staff import queries as room
from watchroom.staff.models import Member
from watchroom.staff.states import STAYS

BY = "system:routing"


def is_needed(*, is_due: bool = True) -> bool:
    """Whether a turn can bring anything, in one look at an index. `is_due`: offers are looked at too, which end by time alone."""
    return bool(_any_waiting() if is_due else _any_not_offered())


@statement
def _any_waiting() -> QuerySet[Contact, int]:
    return Contact.objects.filter(state=Contact.State.WAITING).values_list("pk", flat=True)[:1]


@statement
def _any_not_offered() -> QuerySet[Contact, int]:
    return Contact.objects.filter(state=Contact.State.WAITING, offered_to=None).values_list("pk", flat=True)[:1]


def route(*, at: datetime) -> list[routing.Assignment]:
    """One turn for the force in scope: what was not taken goes back, and what waits is offered. Returns what was offered."""
    with transaction.atomic(savepoint=False):
        locks.hold("routing")  # one turn at a time: two would offer one person two contacts
        policy, now = force.policy_at(at).policy, at.astimezone(force.timezone())
        seen = room.room_now(at)
        offers = _offers()
        callbacks, ringers = under_way()
        agents = _agents(seen, {one.agent for one in offers}, ringers)
        members = {row.member.pk: row.member for row in seen}
        for offer in routing.lapsed(offers, members, now, policy):
            _take_back(offer, members.get(offer.agent), at)
            agents = [one for one in agents if one.id != offer.agent]
        people = routing.askable(agents, policy)
        back = queries.standing_back(at) if people else frozenset()
        waiting = _waiting(people, back, policy, at)
        state = State(waiting=waiting, agents=agents, callbacks=callbacks, back=back)
        owed = {one.id for one in state.waiting if one.is_callback}
        found = routing.decide(state, now, policy)
        return [one for one in found if _offer(one, members[one.agent], at, is_callback=one.contact in owed)]


def _offers() -> list[Offer]:
    return [Offer(contact=pk, agent=agent or 0, at=at or transferred_at) for pk, agent, at, transferred_at in _offered()]


@statement
def _offered() -> QuerySet[Contact, tuple[int, int | None, datetime | None, datetime]]:
    rows = Contact.objects.filter(state=Contact.State.WAITING, offered_to__isnull=False)
    return rows.values_list("pk", "offered_to_id", "offered_at", "transferred_at")


def _agents(seen: list[room.Seen], offered: set[int], ringers: set[int]) -> list[Agent]:
    """Who is here and may take contacts, and what they do: as they say themselves, and as the contacts in their hands say."""
    takes = {row.member.pk: row for row in seen if row.state != "here" and "contacts.take" in row.member.given}
    live = set(ringers)
    chats: Counter[int] = Counter()
    writing: dict[int, str] = {}
    for owner, channel, state in _held(list(takes)):
        if state == Contact.State.ANSWERED and channel in rules.CALLS:
            live.add(owner or 0)
        elif state == Contact.State.ANSWERED and channel in routing.TALKS:
            chats[owner or 0] += 1
        else:
            writing[owner or 0] = channel

    def does(pk: int, said: str) -> routing.AgentState:
        if pk in live:
            return "on_call"
        if pk in offered:
            return "offered"
        if said in STAYS:
            return said  # type: ignore[return-value]
        if said == "available":  # at the waiting page: what is left to write up waits
            return "available"
        return "chats" if chats[pk] else "wrap_up" if pk in writing else "available"

    return [
        Agent(
            id=pk,
            state=does(pk, row.state),
            since=row.since,
            skills=row.member.skills,
            channel=writing.get(pk, ""),
            chats=chats[pk],
        )
        for pk, row in takes.items()
    ]


@statement
def _held(owners: list[int]) -> QuerySet[Contact, tuple[int | None, str, str]]:
    held = Contact.objects.filter(owner=among(owners), state__in=(Contact.State.ANSWERED, Contact.State.ENDED))
    return held.order_by("answered_at").values_list("owner_id", "channel", "state")


def _waiting(people: int, back: frozenset[int], policy: Policy, at: datetime) -> list[Waiting]:
    """As many of the queue as so many people could be offered at the most; not more, however many wait."""
    if not people:
        return []
    rows = queries.in_line(Contact.objects.filter(offered_to=None), people, back, at=at) if back else _first(people, at)
    passed: dict[int, set[int]] = {}
    queued: dict[int, datetime] = {}  # when they were through the menu: until then nobody was kept for them
    for contact, member, stage, marked_at in _marked([row.pk for row in rows]):
        if stage == "queued":
            queued[contact] = marked_at
        else:
            passed.setdefault(contact, set()).add(member or 0)
    return [
        Waiting(
            id=row.pk,
            channel=row.channel,
            transferred_at=row.in_line_since,
            attention=row.attention,
            wants={**row.needs, **rules.wanted(row.way, row.language, policy)},
            wants_until=rules.wanted_until(row.channel, queued.get(row.pk, row.transferred_at), policy),
            passed_by=frozenset(passed.get(row.pk, ())),
            is_callback=row.is_callback,  # type: ignore[attr-defined]
            number=row.caller_number,
        )
        for row in rows
    ]


@statement
def _first(people: int, at: datetime) -> QuerySet[Contact]:
    return queries.first_in_line(Contact.objects.filter(offered_to=None), people, at=at)


@statement
def _marked(contacts: list[int]) -> QuerySet[Stage, tuple[int, int | None, str, datetime]]:
    marks = Stage.objects.filter(contact=among(contacts), stage__in=("returned", "queued"))
    return marks.values_list("contact_id", "member_id", "stage", "at")


def _offer(one: routing.Assignment, member: Member, at: datetime, *, is_callback: bool) -> bool:
    """It rings at their desk. False when somebody takes it at this moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            """update contacts_contact set offered_to_id = %s, offered_at = %s where force = %s and id = (
                select id from contacts_contact where force = %s and id = %s and state = 'waiting' and offered_to_id is null
                for update skip locked
            )""",
            [member.pk, at, scope.require(), scope.require(), one.contact],
        )
        if not cursor.rowcount:
            return False
    stages.mark(contact=one.contact, stage="offered", member=member, by=BY, at=at)
    if is_callback:
        facts.tell(told.CallbackOffered(contact=one.contact), by=BY, at=at)
    return True


def _take_back(offer: Offer, member: Member | None, at: datetime) -> None:
    """Not taken in time, or they have gone: it waits again, and who did not take it is offered nothing until they say they are back."""
    row = Contact.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=offer.contact).first()
    if row is None or row.state != Contact.State.WAITING or row.offered_to_id != offer.agent:
        return
    whose = member or row.offered_to
    row.offered_to, row.offered_at = None, None
    row.save(update_fields=["offered_to", "offered_at"])
    stages.mark(contact=row.pk, stage="returned", member=whose, by=BY, at=at)
    if member:
        staff.show_state(member=member, state="away", at=at, by=BY)
