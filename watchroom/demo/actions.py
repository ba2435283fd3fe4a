"""Harrowby and its people come into a database, through the rooms' own actions."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connections, transaction

from watchroom.demo import city as towns
from watchroom.demo import people as histories
from watchroom.demo import series
from watchroom.demo import staff as roster
from watchroom.dispatch import actions as dispatch
from watchroom.force import actions as forces
from watchroom.force import packs
from watchroom.foundation import clock, scope
from watchroom.gazetteer import actions as gazetteer
from watchroom.gazetteer.models import Beat, Place
from watchroom.identity import actions as identity
from watchroom.identity.models import History, Marker
from watchroom.incidents.models import Incident
from watchroom.staff import actions as staff
from watchroom.staff.models import Member

BY = "system:demo"
SOURCE = "records"


def seed(*, at: datetime | None = None) -> None:
    """Both demo forces, whole or not at all; one that is there already stays as it is."""
    at = at or clock.now()
    for force in roster.FORCES:
        forces.found(code=force.code, name=force.name)
        with scope.use(force.code), transaction.atomic():
            if Member.objects.exists():
                continue
            town = towns.build()
            policy = packs.shipped(force.code)
            forces.adopt(policy=policy, by=BY, at=at - timedelta(days=130))  # before what happened in `series`
            for account in roster.ACCOUNTS:
                if account.force == force.code:
                    member = staff.join(
                        name=account.name,
                        full_name=account.full_name,
                        roles=list(account.roles),
                        password=roster.PASSWORD,
                        desk=account.desk,
                        by=BY,
                        at=at,
                    )
                    if account.skills:
                        staff.set_skills(member=member.pk, levels=account.skills, by=BY, at=at)
            if force.code == "northmoor":
                _town(town)
                _people(town, at)
            else:
                _edge_of_town(town)
            _units(town, force.code, at)
    with connections["owner"].cursor() as cursor:
        cursor.execute("analyze")  # so that the first look-ups of the night are planned as well as the later ones


def tell_series(*, at: datetime | None = None) -> None:
    """What the vulnerability desk of Northmoor has to look at. After the tables are analysed: these are actions, and look people up."""
    with scope.use("northmoor"), transaction.atomic():
        if Incident.objects.exists():
            return
        homes = Place.objects.select_related("beat").filter(kind="address", beat__is_rural=False)
        series.tell(member=Member.objects.get(name="handler2"), place=homes.order_by("reference")[400], at=at or clock.now())


def _town(town: towns.City) -> None:
    gazetteer.load(
        beats=[(beat.code, beat.name, beat.is_rural) for beat in town.beats],
        places=[*_addresses(town), *_landmarks(town)],
        shapes=[
            *(gazetteer.Outline(kind=f.kind, points=list(f.points), width=f.width) for f in town.features),
            *(gazetteer.Outline(kind="block", points=list(outline)) for outline in town.footprints),
            *(gazetteer.Outline(kind=s.kind, points=list(s.points), name=s.name) for s in town.streets),
        ],
    )


def _edge_of_town(town: towns.City) -> None:
    """A few streets for the neighbouring force: enough to work in, and to prove that neither sees the other's."""
    beat = town.beats[-1]
    gazetteer.load(
        beats=[(beat.code, beat.name, beat.is_rural)],
        places=[entry for entry in _addresses(town) if entry.beat == beat.code][:60],
        shapes=[],
    )


def _addresses(town: towns.City) -> list[gazetteer.Entry]:
    return [
        _entry(
            a.uprn,
            "address",
            a.line,
            a.beat,
            a.x,
            a.y,
            locality=f"{a.locality} {a.postcode}",
            street=a.street_name,
            postcode=a.postcode,
        )
        for a in town.addresses
    ]


def _landmarks(town: towns.City) -> list[gazetteer.Entry]:
    marks = [
        _entry(f"L-{m.code}"[:24], "landmark", m.name, m.beat, m.x, m.y, locality=town.name, aliases=m.aliases)
        for m in town.landmarks
    ]
    crossings = [
        _entry(f"J-{number}", "junction", j.name, j.beat, j.x, j.y, locality=town.name)
        for number, j in enumerate(town.junctions, start=1)
    ]
    posts = [_entry(f"M-{m.code}"[:24], "marker", m.name, m.beat, m.x, m.y, locality=m.road) for m in town.markers]
    return marks + crossings + posts


def _entry(reference: str, kind: str, label: str, beat: str, x: float, y: float, **more: Any) -> gazetteer.Entry:
    latitude, longitude = towns.to_wgs84(x, y)
    return gazetteer.Entry(
        reference=reference, kind=kind, label=label, beat=beat, x=x, y=y, latitude=latitude, longitude=longitude, **more
    )


def _people(town: towns.City, at: datetime) -> None:
    known = histories.build(town, at=at)
    places = dict(Place.objects.filter(kind="address").values_list("reference", "pk"))
    markers: dict[str, list[Marker]] = {}
    elsewhere: list[Marker] = []
    for m in known.markers:
        marker = Marker(
            kind=m.kind,
            level=m.level,
            title=m.title,
            text=m.text,
            icon=m.icon,
            place_id=places.get(m.uprn),
            number=m.number,
            source=m.source,
            since_date=m.since,
            review_by_date=m.review_by,
        )
        (markers.setdefault(m.person, []) if m.person else elsewhere).append(marker)
    earlier: dict[str, list[History]] = {}
    for e in known.earlier:
        row = History(
            number=e.number,
            place_id=places.get(e.uprn),
            channel=e.channel,
            headline=e.headline,
            text=e.text,
            is_serious=e.is_serious,
            at=e.at,
            source=SOURCE,
        )
        earlier.setdefault(e.person, []).append(row)
    identity.bring_in(
        [
            identity.Known(
                given_name=p.given,
                family_name=p.family,
                born_date=p.born,
                numbers=p.numbers,
                places=tuple(places[uprn] for uprn in (known.home(p), *p.also_at) if uprn in places),
                markers=tuple(markers.get(p.code, ())),
                history=tuple(earlier.get(p.code, ())),
            )
            for p in known.people
        ],
        source=SOURCE,
        by=BY,
        at=at,
    )
    identity.mark(elsewhere)
    identity.remember(earlier.get("", []))


def _units(town: towns.City, force: str, at: datetime) -> None:
    beats = dict(Beat.objects.values_list("code", "pk"))
    for unit in roster.units(town):
        if roster.force_of(unit) == force:
            dispatch.add(
                callsign=unit.call_sign,
                crew=unit.crew,
                skills=list(unit.skills),
                beat=beats.get(unit.beat),
                status=unit.status,
                doing=unit.doing,
                x=unit.x,
                y=unit.y,
                at=at,
            )
