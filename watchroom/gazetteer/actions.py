"""A gazetteer comes in whole: beats, places and the shapes of the map."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from watchroom.gazetteer import queries
from watchroom.gazetteer.models import Beat, Place, Shape


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A place as another gazetteer gives it; `aliases` are other names that people use."""

    reference: str
    kind: str
    label: str
    beat: str
    x: float
    y: float
    latitude: float
    longitude: float
    locality: str = ""
    street: str = ""
    postcode: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Outline:
    """A street, a building or a piece of ground; `width` in metres for ground that is given as a line."""

    kind: str
    points: list
    name: str = ""
    width: float = 0.0


def load(*, beats: Iterable[tuple[str, str, bool]], places: Iterable[Entry], shapes: Iterable[Outline]) -> int:
    """Bring in `beats` (code, name, is_rural), `places` and the `shapes` of the map. Returns how many places there are now.

    What is there already under its code or reference stays as it is.
    """
    with transaction.atomic():
        Beat.objects.bulk_create([Beat(code=c, name=n, is_rural=r) for c, n, r in beats], ignore_conflicts=True)
        by_code = {beat.code: beat for beat in Beat.objects.all()}
        Place.objects.bulk_create(
            [
                Place(
                    reference=entry.reference,
                    kind=entry.kind,
                    label=entry.label,
                    locality=entry.locality,
                    street=entry.street,
                    postcode=entry.postcode,
                    beat=by_code[entry.beat],
                    x=entry.x,
                    y=entry.y,
                    latitude=entry.latitude,
                    longitude=entry.longitude,
                    search=queries.fold(" ".join((entry.label, *entry.aliases, entry.locality)))
                    + (f" {entry.postcode.replace(' ', '').lower()}" if entry.postcode else ""),
                )
                for entry in places
            ],
            batch_size=1000,
            ignore_conflicts=True,
        )
        if not Shape.objects.exists():
            Shape.objects.bulk_create(
                [Shape(kind=s.kind, name=s.name, points=s.points, width=s.width) for s in shapes], batch_size=2000
            )
        return Place.objects.count()
