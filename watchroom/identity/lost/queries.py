"""Which 101 call went before this 999 call, who gave up and is to be rung back, and how may that be done?"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from watchroom.contacts.callbacks import queries as callbacks
from watchroom.contacts.models import Callback as Agreed
from watchroom.contacts.models import Contact
from watchroom.contacts.rules import shown_number
from watchroom.duties.models import Duty
from watchroom.force import queries as force
from watchroom.force.policy import Policy
from watchroom.foundation import memory
from watchroom.identity import queries as identity
from watchroom.identity.flags import disclosing
from watchroom.identity.flags import queries as flags
from watchroom.identity.flags.rules import Flag
from watchroom.identity.lost import rules
from watchroom.identity.models import AccessCode, Followed, RingBack

SHOWN_AT_ONCE = 6  # whom to ring next, never how many wait (R47)


def gave_up(which: QuerySet[Contact]) -> QuerySet[Contact]:
    """Those that ended before an answer, also where they were rung back since."""
    return which.filter(ended_at__isnull=False).filter(Q(answered_at=None) | Q(answered_at__gt=F("ended_at")))


def found_before(contact: Contact, *, at: datetime) -> dict[tuple[int, str], int]:
    """The 101 calls that gave up, or hung up to be rung back, before this 999 call: (contact, way) → seconds between (R15).

    As it is known now. Who was spoken with before they rang 999 had not gone without an answer.
    """
    windows = force.policy_at(at).policy.contacts.after_abandoned_101_s
    if contact.channel != "999" or not windows:
        return {}
    earliest = contact.transferred_at - timedelta(seconds=max(windows))
    before, calls = contact.transferred_at, Contact.objects.filter(channel="101").exclude(pk=contact.pk)
    lost = gave_up(calls.filter(ended_at__gte=earliest, ended_at__lte=before))
    promised = calls.filter(callback__agreed_at__gte=earliest, callback__agreed_at__lte=before)
    promised = promised.filter(Q(answered_at=None) | Q(answered_at__gt=before))
    ways: list[tuple[str, Q]] = []
    if contact.caller_number:
        ways.append(("number", Q(caller_number=contact.caller_number)))
    if people := [one.pk for one in identity.confirmed(contact.pk)]:
        ways.append(("person", Q(pk__in=identity.contacts_of(people))))
    if contact.place_id:
        ways.append(("place", Q(place_id=contact.place_id)))
    return {
        (pk, way): int((contact.transferred_at - ended).total_seconds())
        for way, same in ways
        for rows, left_at in ((promised, "callback__agreed_at"), (lost, "ended_at"))
        for pk, ended in rows.filter(same).values_list("pk", left_at)
        if ended is not None
    }


def later_999(contact: Contact, *, at: datetime) -> list[Contact]:
    """The 999 calls to which this 101 call may have gone before."""
    windows = force.policy_at(at).policy.contacts.after_abandoned_101_s
    callback = Agreed.objects.filter(contact=contact).first() if contact.channel == "101" else None
    left_at = callback.agreed_at if callback else contact.ended_at
    if contact.channel != "101" or left_at is None or not windows:
        return []
    same = (
        Q(pk__in=identity.contacts_of(people)) if (people := [one.pk for one in identity.confirmed(contact.pk)]) else Q(pk__in=[])
    )
    if contact.caller_number:
        same |= Q(caller_number=contact.caller_number)
    if contact.place_id:
        same |= Q(place_id=contact.place_id)
    same |= Q(followed__earlier=contact)  # what stands and may be so no longer
    until = left_at + timedelta(seconds=max(windows))
    rows = Contact.objects.filter(same, channel="999", transferred_at__gte=left_at, transferred_at__lte=until)
    return list(rows.distinct().order_by("pk")[:50])


@dataclass(frozen=True)
class Before:
    """The 101 call that went before, the last of them, and how it is known."""

    earlier: Contact
    ways: tuple[str, ...]
    seconds: int

    @property
    def says(self) -> str:
        return ", ".join(rules.WAYS[way] for way in self.ways)


@memory.while_reading
def before(contact: Contact) -> Before | None:
    rows = list(Followed.objects.filter(contact=contact, undone_at=None).select_related("earlier").order_by("seconds", "pk"))
    if not rows:
        return None
    ways = tuple(way for way in rules.WAYS if any(row.how == way and row.earlier_id == rows[0].earlier_id for row in rows))
    return Before(rows[0].earlier, ways, rows[0].seconds)


# --- ringing back -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Callback:
    """Somebody who gave up, and what may be done."""

    contact: Contact
    duty: Duty
    flags: tuple[Flag, ...]
    ringing: rules.Ringing
    tries: int
    most: int
    rung: RingBack | None  # who is ringing now
    agreed: Agreed | None = None  # they did not give up: this was agreed with them

    @property
    def number(self) -> str:
        """To be dialled; of one that may not be rung it is not shown."""
        return shown_number(self.contact.caller_number) if self.rung else ""


def to_ring(
    *, at: datetime, limit: int = SHOWN_AT_ONCE, start: int = 0, permissions: frozenset[str] = frozenset()
) -> tuple[list[Callback], int]:
    """Who gave up and is owed a look, the gravest first (R3): so many, without the first `start`; and how many there are in all."""
    owed = {duty.subject_id: duty for duty in Duty.objects.filter(kind="abandoned", subject_kind="contact", settled_at=None)}
    rows = Contact.objects.filter(pk__in=owed, state=Contact.State.ABANDONED).select_related("place")
    ordered = rules.in_order(rows, at)
    shown = [(row, owed[row.pk]) for row in ordered[start : start + limit]]
    return _callbacks(shown, at=at, permissions=permissions), len(ordered)


def promised(*, at: datetime, member: int | None = None, permissions: frozenset[str] = frozenset()) -> list[Callback]:
    """Who is owed a callback (R19), the first promised first; with a `member`, only what rings for them or they ring."""
    rows = callbacks.open_now()
    if member is not None:
        rows = [row for row in rows if row.contact.offered_to_id == member or (row.rung_at and row.rung_by == f"staff:{member}")]
    ids = [row.contact_id for row in rows]
    owed = {one.subject_id: one for one in Duty.objects.filter(kind="callback", subject_id__in=ids, settled_at=None)}
    rows = [row for row in rows if row.contact_id in owed]
    found = _callbacks([(row.contact, owed[row.contact_id]) for row in rows], at=at, permissions=permissions)
    return [replace(one, agreed=row) for one, row in zip(found, rows, strict=True)]


def _callbacks(owed: list[tuple[Contact, Duty]], *, at: datetime, permissions: frozenset[str]) -> list[Callback]:
    """What is asked of all of them is asked once."""
    policy = force.policy_at(at).policy
    tried: dict[int, list[RingBack]] = defaultdict(list)
    for row in RingBack.objects.filter(contact__in=[contact.pk for contact, _ in owed]).order_by("begun_at", "pk"):
        tried[row.contact_id].append(row)
    seen = {contact.pk: flags.of(contact, at=at, permissions=permissions) for contact, _ in owed}
    held = _holding_codes(flag.marker for each in seen.values() for flag in each)
    return [
        Callback(
            contact=contact,
            duty=duty,
            flags=tuple(seen[contact.pk]),
            ringing=_ringing(contact, seen[contact.pk], held, sum(bool(row.outcome) for row in tried[contact.pk]), policy),
            tries=len(tried[contact.pk]),
            most=rules.most_tries(contact.channel, policy),
            rung=next((row for row in tried[contact.pk] if not row.outcome), None),
        )
        for contact, duty in owed
    ]


def _holding_codes(markers: Iterable[int]) -> frozenset[int]:
    """Which of these flags hold a code or a codeword."""
    return frozenset(AccessCode.objects.filter(marker__in=set(markers)).values_list("marker_id", flat=True))


def rung_by(code: str) -> Contact | None:
    """Whom this person is ringing, until they say what came of it; meanwhile a callback leaves them free for nothing else."""
    found = RingBack.objects.filter(by=code, outcome="").select_related("contact").order_by("begun_at").first()
    return found.contact if found else None


def safe_to_ring(contact: Contact, *, at: datetime, permissions: frozenset[str] = frozenset()) -> rules.Ringing:
    """By all flags that stand, whoever reads it; a try that is under way does not count yet."""
    seen = flags.of(contact, at=at, permissions=permissions)
    held = _holding_codes(flag.marker for flag in seen)
    tries = RingBack.objects.filter(contact=contact).exclude(outcome="").count()
    return _ringing(contact, seen, held, tries, force.policy_at(at).policy)


def _ringing(contact: Contact, seen: list[Flag], held: frozenset[int], tries: int, policy: Policy) -> rules.Ringing:
    return rules.safe_to_ring(
        has_number=bool(contact.caller_number),
        said=said_of(contact),
        flags=[
            rules.Flagged(flag.kind, flag.level, flag.title, flag.marker in held and flag.stands_for != "place") for flag in seen
        ],
        silence=disclosing.of_all(seen),
        tries=tries,
        channel=contact.channel,
        policy=policy,
    )


def codeword(contact: Contact) -> int | None:
    """The gravest flag of this number or of who uses it that holds a codeword. One that opens a door is none."""
    markers = [row for row in identity.markers(contact) if row.place_id is None or row.person_id or row.number]
    held = _holding_codes(row.pk for row in markers)
    return next((row.pk for row in markers if row.pk in held), None)


def said_of(contact: Contact) -> list[rules.Said]:
    """What was said on this contact and, last, by whoever rang from the number; and where it was typed into a form, only a no."""
    found = [rules.Said(contact.safe_contact, contact.safe_times, contact.may_leave_message)]
    if not contact.caller_number:
        return found
    rows = Contact.objects.filter(caller_number=contact.caller_number).exclude(pk=contact.pk).exclude(safe_contact="unknown")
    said = list(rows.order_by("-received_at")[:20])
    rang = next((row for row in said if not row.number_is_typed), None)
    typed = next((row for row in said if row.number_is_typed and row.safe_contact == "no"), None)
    return [*found, *(rules.Said(row.safe_contact, row.safe_times, row.may_leave_message) for row in (rang, typed) if row)]
