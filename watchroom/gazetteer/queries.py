"""Which places could be meant?"""

import re
import unicodedata
from math import cos, hypot, radians

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Case, F, Q, QuerySet, When
from django.db.models.functions import Length

from watchroom.gazetteer import national_grid
from watchroom.gazetteer.models import Place

MOST_ALIKE = 200  # places with the words of one address
SAME_GRID_M = 25  # a place whose metres are those of the National Grid to so far lies on it

METRES_PER_DEGREE = 111_320  # of latitude
ABBREVIATIONS = {"st": "street", "rd": "road", "ave": "avenue", "ln": "lane", "apt": "flat", "sq": "square"}


def fold(text: str) -> str:
    """Lower case, no accents or apostrophes, the usual abbreviations written out: how both sides of a search are compared."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain.replace("'", ""))
    return " ".join(ABBREVIATIONS.get(word, word) for word in words)


def find(text: str, *, limit: int = 8) -> QuerySet[Place]:
    """The most likely places for what was typed so far, best first; misspelt words are found by their trigrams.

    Every word or number that was typed counts; a number must be there as typed (18 is not 81).
    """
    wanted = fold(text)[:120]
    if len(wanted) < 2:
        return Place.objects.none()
    words = wanted.split()
    exact = Q()
    for word in words:
        exact &= Q(search__contains=word)
    # flat 2 stands before flat 1, though its postcode has a 2, too
    by_number = [Case(When(search__regex=rf"\y{word}\y", then=0), default=1) for word in words if word.isdigit()]
    found = Place.objects.filter(exact).select_related("beat").order_by(*by_number, Length("label"), "label")[:limit]
    if found:
        return found
    near = Place.objects.annotate(likeness=TrigramWordSimilarity(wanted, "search")).filter(likeness__gt=0.4)
    for number in (word for word in words if word.isdigit()):
        near = near.filter(search__regex=rf"\y{number}\y")
    return near.select_related("beat").order_by("-likeness", Length("label"), "label")[:limit]


def nearest(x: float, y: float, *, within: float = 250) -> Place | None:
    """The nearest address to a point on the grid, in metres; None when none is within."""
    box = Place.objects.filter(x__range=(x - within, x + within), y__range=(y - within, y + within))
    near = sorted(box.select_related("beat")[:2000], key=lambda p: (p.x - x) ** 2 + (p.y - y) ** 2)
    return near[0] if near and (near[0].x - x) ** 2 + (near[0].y - y) ** 2 <= within**2 else None


def only(text: str) -> Place | None:
    """The one place that has every word and number of the text; None when several have, or none."""
    words = fold(text).split()[:20]
    if len(words) < 3:  # a street alone is no address
        return None
    exact = Q()
    for word in words:
        exact &= Q(search__contains=word)
    near = Place.objects.filter(exact).select_related("beat")[:MOST_ALIKE]
    found = [place for place in near if set(words) <= set(place.search.split())]  # a 2 in the postcode is no flat 2
    return found[0] if len(found) == 1 else None


def in_degrees(x: float, y: float) -> tuple[float, float] | None:
    """(latitude, longitude) of a point of the force's grid, reckoned from the nearest known place; None where none is near."""
    near = nearest(x, y, within=5000)
    if near is None:
        return None
    latitude = near.latitude + (y - near.y) / METRES_PER_DEGREE
    return latitude, near.longitude + (x - near.x) / (METRES_PER_DEGREE * cos(radians(latitude)))


def on_grid(latitude: float, longitude: float) -> tuple[float, float] | None:
    """The point of the force's grid in metres, or None far from every place it knows.

    A force whose places lie on the National Grid gets its projection. Any other is reckoned from the nearest known place: whatever
    the grid, over a few hundred metres the earth is flat.
    """
    narrower = cos(radians(latitude))
    for reach in (0.005, 0.05, 0.5):  # degrees: about 500 m, 5 km, 50 km
        box = Place.objects.filter(
            latitude__range=(latitude - reach, latitude + reach), longitude__range=(longitude - 2 * reach, longitude + 2 * reach)
        ).annotate(
            far=(F("latitude") - latitude) * (F("latitude") - latitude)
            + (F("longitude") - longitude) * (F("longitude") - longitude) * narrower * narrower
        )
        if known := box.order_by("far").first():
            national = national_grid.from_degrees(known.latitude, known.longitude)
            if national and hypot(national[0] - known.x, national[1] - known.y) < SAME_GRID_M:
                return national_grid.from_degrees(latitude, longitude)
            north = (latitude - known.latitude) * METRES_PER_DEGREE
            east = (longitude - known.longitude) * METRES_PER_DEGREE * narrower
            return known.x + east, known.y + north
    return None
