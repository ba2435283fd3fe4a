"""The small map of one place: its streets and buildings, and where the telephone says it is.

Shapes change only when a gazetteer comes in, so each process reads them once a force and keeps those near a point in a grid.
"""

from collections import defaultdict
from functools import lru_cache
from math import hypot

from django.db.models import Max

from watchroom.foundation import scope
from watchroom.gazetteer import drawing
from watchroom.gazetteer.models import Place, Shape

CELL = 250  # metres
DOORSTEP = 18  # metres from a front door to the middle of its building
STREETS = {"motorway", "road", "bridge", "street", "lane", "close", "path"}
AREAS = {"park": "park", "pond": "pond", "block": "block", "built": "block", "water": "water", "rail": "rail"}
SIZE = (320, 200)


class _Ground:
    """All shapes of a force, findable by cell."""

    def __init__(self, rows: list[tuple[str, str, list, float]]) -> None:
        self.cells: dict[tuple[int, int], list[int]] = defaultdict(list)
        self.shapes: list[tuple[str, str, list, float]] = []
        for kind, name, points, width in rows:
            if not points:
                continue
            number = len(self.shapes)
            self.shapes.append((kind, name, points, width))
            xs, ys = [p[0] for p in points], [p[1] for p in points]
            for i in range(int(min(xs) // CELL), int(max(xs) // CELL) + 1):
                for j in range(int(min(ys) // CELL), int(max(ys) // CELL) + 1):
                    self.cells[i, j].append(number)

    def near(self, x: float, y: float, reach: float) -> list[tuple[str, str, list, float]]:
        found: set[int] = set()
        for i in range(int((x - reach) // CELL), int((x + reach) // CELL) + 1):
            for j in range(int((y - reach) // CELL), int((y + reach) // CELL) + 1):
                found.update(self.cells.get((i, j), ()))
        return [self.shapes[number] for number in sorted(found)]


@lru_cache(maxsize=64)
def _ground(force: str, newest: int) -> _Ground:
    return _Ground(list(Shape.objects.order_by("pk").values_list("kind", "name", "points", "width")))


def ground() -> _Ground:
    newest = Shape.objects.aggregate(newest=Max("pk"))["newest"] or 0
    return _ground(scope.require(), newest)


def mini(
    place: Place | None,
    located: tuple[float, float, float] | None,
    *,
    title: str,
    shape: tuple[float, float] | None = None,
) -> str:
    """An `<svg>` of some 200 metres round the place, or round the telephone's circle (x, y, radius); empty when neither is known.

    `shape` makes an ellipse of the circle: its shorter half axis, and the bearing of the longer one, clockwise from north.
    """
    if place is None and located is None:
        return ""
    x, y = (place.x, place.y) if place else (located[0], located[1])  # type: ignore[index]
    reach = 110.0
    if located:
        away = max(abs(located[0] - x), abs(located[1] - y)) + located[2]
        reach = min(1500.0, max(reach, away * 1.15))
    streets, areas = [], []
    for kind, name, points, width in ground().near(x, y, reach * 1.8):
        if kind in STREETS:
            streets.append(drawing.Street(name, points, kind))
        elif kind in AREAS:
            areas.append(drawing.Area(AREAS[kind], points, width))
    house = _house(place, [area.points for area in areas if area.kind == "block" and not area.width]) if place else None
    return drawing.svg(
        streets,
        centre=(x, y),
        width_m=reach * 2,
        height_m=reach * 1.25,
        size=SIZE,
        areas=areas,
        house=house or ([(x, y)] if place else None),
        ellipse=_ellipse(located, shape) if located else None,
        title=title,
        is_mini=True,
    )


def _ellipse(located: tuple[float, float, float], shape: tuple[float, float] | None) -> drawing.Ellipse:
    x, y, radius = located
    minor, bearing = shape or (radius, 90.0)
    return drawing.Ellipse(x, y, radius, minor, 90 - bearing)  # drawn from east towards north


def _house(place: Place, outlines: list) -> list | None:
    """The building whose middle is nearest to the place's point (its front door), within a plot's depth; None on open ground."""

    def away(outline: list) -> float:
        x = sum(p[0] for p in outline) / len(outline)
        y = sum(p[1] for p in outline) / len(outline)
        return hypot(x - place.x, y - place.y)

    nearest = min(outlines, key=away, default=None)
    return nearest if nearest is not None and away(nearest) <= DOORSTEP else None
