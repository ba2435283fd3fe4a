"""People, places and calls for tests, in as few words as a sentence takes. The names are the demo's own cast."""

from datetime import UTC, datetime, timedelta
from itertools import count

from django.test import Client

from watchroom.assessment import actions as assessment
from watchroom.contacts import actions as contacts
from watchroom.contacts.models import Contact
from watchroom.contacts.rules import normal_number
from watchroom.dispatch import actions as dispatch
from watchroom.dispatch.models import Unit
from watchroom.force import packs
from watchroom.foundation import scope
from watchroom.gazetteer import actions as gazetteer
from watchroom.gazetteer.models import Place
from watchroom.identity import actions as identity
from watchroom.identity.flags import actions as flags
from watchroom.identity.models import Marker, Person
from watchroom.incidents import actions as incidents
from watchroom.incidents import recording
from watchroom.incidents.models import Incident
from watchroom.resolution import actions as resolutions
from watchroom.resolution.models import Resolution
from watchroom.staff.models import Member

NIGHT = datetime(2026, 11, 22, 3, 12, tzinfo=UTC)
LEANNE = "07700 900417"
_keys = count()

RATIONALES = {
    "threat": "He has a knife and says he will come in.",
    "harm": "He strangled her in September.",
    "risk": "The bolt will not hold until we arrive.",
    "investigation": "Keep the knife and the recording of this call.",
    "vulnerability": "Trapped with two children under ten.",
    "engagement": "Wants whispering only; a codeword is agreed.",
}


def after(seconds: float) -> datetime:
    return NIGHT + timedelta(seconds=seconds)


def a_place(label: str = "Flat 2, 18 Tanner’s Row", *, is_rural: bool = False) -> Place:
    beat = "askwold" if is_rural else "tannery"
    reference = label[:24]
    entry = gazetteer.Entry(
        reference=reference,
        kind="address",
        label=label,
        beat=beat,
        x=0,
        y=0,
        latitude=54.6,
        longitude=-1.9,
        locality="Harrowby HB4 2QT",
        postcode="HB4 2QT",
    )
    gazetteer.load(beats=[(beat, beat.title(), is_rural)], places=[entry], shapes=[])
    return Place.objects.select_related("beat").get(reference=reference)


def a_member(name: str = "bryn", *roles: str) -> Member:
    roles = roles or (("handler",) if name == "bryn" else ())
    member = Member.objects.filter(name=name).first()
    if member is None:
        member = Member(name=name, full_name=name.title(), roles=list(roles))
        member.set_unusable_password()
        member.save()
    return member


def signed_in(name: str = "bryn", *roles: str, force: str = "northmoor", **more) -> Client:
    """A member's browser, logged in; `more` goes to the client."""
    client = Client(**more)
    with scope.use(force):
        client.force_login(a_member(name, *roles), backend="watchroom.staff.auth.ForceBackend")
    session = client.session
    session.update({"force": force, "force_name": force.title(), "desk_name": ""})
    session.save()
    return client


def a_call(*, number: str = LEANNE, channel: str = "999", at: datetime = NIGHT, key: str = "", **more) -> Contact:
    key = key or f"test:{next(_keys)}"
    contact, _ = contacts.receive(
        key=key, channel=channel, transferred_at=at, by="link:trunk", at=at, caller_number=number, **more
    )
    return contact


def an_answered_call(**more) -> Contact:
    contact = a_call(**more)
    handler = a_member()
    return contacts.answer(contact=contact.pk, member=handler, by=handler.code, at=contact.transferred_at + timedelta(seconds=4))


def an_incident(
    *, contact: Contact | None = None, kind: str = "domestic_weapon", at: datetime | None = None, place: Place | None = None
) -> Incident:
    contact = contact or an_answered_call()
    at = at or contact.transferred_at + timedelta(seconds=31)
    by = contact.owner.code
    contacts.pick_place(contact=contact.pk, place=place or a_place(), by=by, at=at)
    return incidents.open_incident(contact=contact.pk, kind=kind, by=by, at=at)


def write_the_risk(contact: Contact, *, level: int = 3, at: datetime | None = None) -> None:
    by, at = contact.owner.code, at or contact.transferred_at + timedelta(seconds=90)
    for element, rationale in RATIONALES.items():
        assessment.answer(contact=contact.pk, element=element, level=level, rationale=rationale, by=by, at=at)
    assessment.save(contact=contact.pk, by=by, at=at)


def decide_on_crime(incident: Incident, *, by: str, at: datetime) -> None:
    """It is recorded as one, under a reference of the crime system; nobody is a victim who has to be told."""
    recording.record(incident=incident.pk, reference=f"42/{incident.pk:06d}/26", has_victim=False, by=by, at=at)


def a_unit(callsign: str = "NH21", **more) -> Unit:
    return dispatch.add(
        **({"callsign": callsign, "crew": 2, "skills": ["taser"], "beat": None, "status": 2, "x": 0, "y": 0, "at": NIGHT} | more)
    )


def a_whole_journey(**more) -> Incident:
    """From the ring to the closing, as steps 1 to 4 of the first issue tell it."""
    contact = an_answered_call(**more)
    by = contact.owner.code
    incident = an_incident(contact=contact)
    start = contact.transferred_at
    incidents.grade(
        incident=incident.pk,
        to="immediate",
        justification="He is at the door with a knife.",
        by=by,
        at=start + timedelta(seconds=40),
    )
    unit = Unit.objects.first() or a_unit()
    dispatch.assign(incident=incident.pk, unit=unit.pk, by=by, at=start + timedelta(seconds=60))
    dispatch.arrive(incident=incident.pk, unit=unit.pk, by=by, at=start + timedelta(seconds=400))
    write_the_risk(contact)
    dispatch.clear(
        incident=incident.pk,
        unit=unit.pk,
        by=by,
        at=start + timedelta(seconds=1800),
        result="One arrested, she and the children are safe.",
    )
    decide_on_crime(incident, by=by, at=start + timedelta(seconds=1890))
    incidents.close(incident=incident.pk, category="domestic", result="One arrested.", by=by, at=start + timedelta(seconds=1900))
    contacts.end(contact=contact.pk, how="caller", by="link:trunk", at=start + timedelta(seconds=600))
    contacts.wrap_up(contact=contact.pk, by=by, at=start + timedelta(seconds=700))
    return Incident.objects.get(pk=incident.pk)


def a_flag(kind: str = "domestic_abuse", *, at: datetime = NIGHT, code: str = "", **more) -> Marker:
    """A flag on a `person`, a `place` (ids) or a `number`."""
    about = {name: more.pop(name) for name in ("person", "place", "number") if name in more}
    words = flags.Words(source="Safeguarding desk", since=at.date(), code=code, **more)
    return flags.add(kind=kind, words=words, by="staff:1", at=at, **about)


def somebody(name: str = "Leanne Whitcombe", *, number: str = "", place: Place | None = None) -> Person:
    """Somebody on record, with their number and where they live."""
    given, _, family = name.partition(" ")
    numbers = (normal_number(number),) if number else ()
    known = identity.Known(given_name=given, family_name=family, numbers=numbers, places=(place.pk,) if place else ())
    return identity.bring_in([known], source="records", by="system:tests", at=NIGHT)[0]


def to_be_resolved(kind: str = "theft", *, number: str = "07700 900431", **more) -> Incident:
    """An incident graded to be resolved without sending anyone."""
    contact = an_answered_call(channel="101", number=number, **more)
    incident = an_incident(contact=contact, kind=kind)
    write_the_risk(contact, level=0)
    why = "Taken last night, nobody saw it, nothing to secure."
    incidents.grade(
        incident=incident.pk, to="rwd", justification=why, by="staff:1", at=contact.transferred_at + timedelta(seconds=120)
    )
    return Incident.objects.get(pk=incident.pk)


def resolve(
    incident: Incident, outcome: str = "answered", *, by: str = "staff:1", at: datetime | None = None, **more
) -> Resolution:
    """Resolved without deployment, every solvability question answered with no."""
    no = dict.fromkeys((question.code for question in packs.national().solvability), False)
    more = {"text": "Told what to keep and where to send it.", "solvability": no} | more
    return resolutions.resolve(incident=incident.pk, outcome=outcome, by=by, at=at or after(600), **more)
