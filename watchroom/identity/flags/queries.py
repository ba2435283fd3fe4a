"""Which flags does this reader see, and what was done with each?"""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Q

from watchroom.contacts.models import Contact
from watchroom.duties.models import Duty
from watchroom.force import queries as force
from watchroom.foundation import memory
from watchroom.identity import queries
from watchroom.identity.flags import disclosing, rules
from watchroom.identity.models import Link, Marker, MarkerStep

NOBODY: frozenset[str] = frozenset()  # what is drawn once for many readers shows what every one of them may see


def shown(markers: Iterable[Marker], *, at: datetime, permissions: Collection[str] = NOBODY) -> list[rules.Flag]:
    """These markers as a reader with these permissions sees them, the gravest first."""
    policy, on = force.policy_at(at).policy, force.local_day(at)
    return rules.in_order(rules.shown(marked(row), policy=policy, permissions=permissions, on=on) for row in markers)


@memory.while_reading
def of(contact: Contact, *, at: datetime, permissions: Collection[str] = NOBODY) -> list[rules.Flag]:
    """What must not be missed in this contact, each with why it must not be spoken of, if whoever calls may be somebody else."""
    flags = shown(queries.markers(contact), at=at, permissions=permissions)
    if not any(flag.is_of_victim for flag in flags):
        return flags
    return disclosing.silenced(flags, line_of(contact))


def line_of(contact: Contact) -> disclosing.Line:
    """What is known of who may hold the phone."""
    links = Link.objects.filter(undone_at=None)
    here = Q(pk__in=[])
    if contact.caller_number:
        here |= Q(observation__kind="number", observation__value=contact.caller_number)
    if contact.place_id:
        here |= Q(observation__kind="place", observation__value=str(contact.place_id))
    says_who = Q(observation__kind="name", observation__contact=contact)
    found = list(links.filter(here | says_who).select_related("person", "observation").order_by("pk"))
    confirmed = [link for link in found if link.observation.kind == "name"]
    return disclosing.Line(
        tiers={one.person: one.tier for one in queries.candidates(contact, on=contact.day)},
        sharing=frozenset(link.person.head for link in found if link.observation.kind != "name"),
        confirmed=next((link.person.head for link in confirmed), None),
        number_is_typed=contact.number_is_typed,
    )


def removed_of(contact: Contact) -> list[Marker]:
    """What was flagged here once, the last removed first."""
    wanted = queries.about(contact, [one.person for one in queries.candidates(contact, on=contact.day) if one.tier != "possible"])
    return list(Marker.objects.filter(wanted, removed_at__isnull=False).select_related("person", "place").order_by("-removed_at"))


def in_hand_with(marker: int) -> list[int]:
    """The contacts that are waited for, answered or written up now and show this flag, or did."""
    row = Marker.objects.get(pk=marker)
    same = Q(pk__in=[])
    if row.number:
        same |= Q(caller_number=row.number)
    if row.place_id:
        same |= Q(place_id=row.place_id)
    if row.person_id:
        links = Link.objects.filter(person_id__in=queries.whole([queries.head_of(row.person_id)]), undone_at=None)
        same |= Q(caller_number__in=links.filter(observation__kind="number").values("observation__value"))
        same |= Q(pk__in=links.filter(observation__kind="name").values("observation__contact_id"))
        places = links.filter(observation__kind="place").values_list("observation__value", flat=True)
        same |= Q(place_id__in=[int(place) for place in places])
    states = (Contact.State.WAITING, Contact.State.ANSWERED, Contact.State.ENDED)
    return list(Contact.objects.filter(same, state__in=states).values_list("pk", flat=True)[:50])


def owed() -> list[Duty]:
    """The flags that somebody who may decide owes a look, the most urgent first."""
    return list(Duty.objects.filter(subject_kind="marker", settled_at=None).order_by("due_at", "pk")[:200])


def steps(marker: int) -> list[MarkerStep]:
    """Everything that was done with it and with what it corrects, the first first."""
    chain, here = [marker], Marker.objects.filter(pk=marker).values_list("corrects_id", flat=True).first()
    while here and here not in chain:
        chain.append(here)
        here = Marker.objects.filter(pk=here).values_list("corrects_id", flat=True).first()
    return list(MarkerStep.objects.filter(marker_id__in=chain).order_by("at", "pk"))


def marked(row: Marker) -> rules.Marked:
    return rules.Marked(
        marker=row.pk,
        kind=row.kind,
        level=row.level,
        title=row.title,
        text=row.text,
        icon=row.icon,
        source=row.source,
        since=row.since_date,
        review_by=row.review_by_date,
        person=row.person.head if row.person else None,
        person_name=row.person.name if row.person else "",
        place=row.place_id,
        place_label=row.place.label if row.place else "",
        number=row.number,
        is_challenged=row.challenged_at is not None,
    )
