"""What does the place look like? Streets, buildings and water as SVG, with the jobs and units on them.

A pure function of plain values: no database, no Django, no clock. Coordinates come in metres, x to the east and y to the
north. Colours, type and line colours are the classes of the design (`.map` in components.css), so light, dark and forced
colours follow the page; only shapes and line widths stand here, as SVG attributes, since our pages allow no inline style.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Street:
    """A way to draw. `width_class`: motorway, road, bridge, street, lane, close or path."""

    name: str
    points: Sequence[Point]
    width_class: str = "street"


@dataclass(frozen=True, slots=True)
class Area:
    """Ground to draw: outlines of kind `block` (a building), `park` and `pond`; with `width` in metres, a line of kind `block`
    (built-up ground along a street), `water` or `rail`. Buildings show when near, built-up ground from afar: give both."""

    kind: str
    points: Sequence[Point]
    width: float = 0.0


@dataclass(frozen=True, slots=True)
class Label:
    """The name of a ward, written across it."""

    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Ellipse:
    """Where a telephone says it is: half axes in metres, `angle` in degrees from east towards north."""

    x: float
    y: float
    major: float
    minor: float
    angle: float = 0.0


@dataclass(frozen=True, slots=True)
class Incident:
    x: float
    y: float
    grade: int  # 1 to 5; 0 while its grade is owed
    is_chosen: bool = False  # drawn larger


@dataclass(frozen=True, slots=True)
class Unit:
    call_sign: str
    x: float
    y: float
    state: str = ""  # free (may be sent), busy (may not), else on its way or at a scene


@dataclass(frozen=True, slots=True)
class _View:
    """A window on the ground: how metres become units of the picture."""

    left: float
    top: float
    scale: float
    width: float
    height: float
    is_mini: bool = False

    def at(self, x: float, y: float) -> Point:
        return (x - self.left) * self.scale, (self.top - y) * self.scale

    def shows(self, x: float, y: float, margin: float = 0.0) -> bool:
        px, py = self.at(x, y)
        return -margin <= px <= self.width + margin and -margin <= py <= self.height + margin


# Metres a way takes, and the least it takes on the picture.
_WIDTHS = {
    "motorway": (26, 5.2),
    "road": (14, 4.2),
    "bridge": (12, 3.6),
    "street": (9, 2.0),
    "lane": (6.2, 1.4),
    "close": (7, 1.5),
    "path": (3, 1.0),
}
_MAIN = ("motorway", "road", "bridge")
_NEAR = 0.55  # pictures with more units a metre than this show buildings
_NAMED = 0.28  # and with more than this, the names of small streets
_LETTER = 6.1  # mean width of a letter of the 12 px label
_WARD_LETTER = 9.4


def svg(
    streets: Iterable[Street],
    *,
    centre: Point,
    width_m: float,
    height_m: float,
    size: tuple[int, int],
    areas: Iterable[Area] = (),
    labels: Iterable[Label] = (),
    house: Sequence[Point] | None = None,
    ellipse: Ellipse | None = None,
    incidents: Sequence[Incident] = (),
    units: Sequence[Unit] = (),
    route: Sequence[Point] | None = None,
    title: str = "Map",
    is_mini: bool = False,
) -> str:
    """The map of `width_m` × `height_m` metres round `centre`, as one `<svg>` element `size` units large.

    If the two shapes differ, more is shown, never less. `house` is the outline of the building that is meant, or a single
    point when there is none. `title` says in words what the picture shows. All text is escaped.
    """
    view = replace(_view(centre, width_m, height_m, size), is_mini=is_mini)
    taken = _Taken()
    over = _marks(view, taken, house, ellipse, incidents, units, route)
    ground = _ground(view, list(streets), list(areas), list(labels), taken)
    return (
        f'<svg class="map{" map--mini" if is_mini else ""}" viewBox="0 0 {size[0]} {size[1]}"'
        f' preserveAspectRatio="xMidYMid slice" role="img" aria-label="{escape(title)}">{ground}{over}</svg>'
    )


def marks(
    *,
    centre: Point,
    width_m: float,
    height_m: float,
    size: tuple[int, int],
    house: Sequence[Point] | None = None,
    ellipse: Ellipse | None = None,
    incidents: Sequence[Incident] = (),
    units: Sequence[Unit] = (),
    route: Sequence[Point] | None = None,
) -> str:
    """Only what moves, as one `<g class="marks">`: the same as in `svg` of the same window, so that a live page can swap it."""
    return _marks(_view(centre, width_m, height_m, size), _Taken(), house, ellipse, incidents, units, route)


def _view(centre: Point, width_m: float, height_m: float, size: tuple[int, int]) -> _View:
    scale = min(size[0] / width_m, size[1] / height_m)
    return _View(centre[0] - size[0] / scale / 2, centre[1] + size[1] / scale / 2, scale, size[0], size[1])


# ── The ground ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _ground(view: _View, streets: list[Street], areas: list[Area], labels: list[Label], taken: _Taken) -> str:
    out = [f'<rect class="land" width="{_n(view.width)}" height="{_n(view.height)}"/>']
    near = view.scale >= _NEAR
    lines: dict[tuple[str, float], list[str]] = {}
    shapes: dict[str, list[str]] = {"park": [], "pond": [], "block": []}
    for area in areas:
        if area.width:
            if not (near and area.kind == "block"):
                lines.setdefault((area.kind, area.width), []).extend(_runs(view, area.points, area.width))
        elif (near or area.kind != "block") and _in_sight(view, area.points):
            shapes[area.kind].append(_path(view, area.points, 0.2) + "z")
    out += [_stroke("casing", d, width * view.scale) for (kind, width), d in lines.items() if kind == "block"]
    out += [f'<path class="{kind}" d="{"".join(shapes[kind])}"/>' for kind in ("park", "pond", "block") if shapes[kind]]
    for (kind, width), d in lines.items():
        if kind == "water":
            out += [_stroke("casing", d, width * view.scale + 5), _stroke("water", d, width * view.scale)]
        elif kind == "rail":
            w = max(1.6, width * view.scale * 0.5)
            out += [
                _stroke("casing", d, w + 1.6),
                _stroke("street", d, w, f' stroke-dasharray="{_n(w * 3)} {_n(w * 2)}" stroke-linecap="butt"'),
            ]
    ways: dict[str, list[str]] = {}
    for street in streets:
        ways.setdefault(street.width_class, []).extend(_runs(view, street.points, 30))
    for kind in ("path", "lane", "close", "street"):
        out.append(_stroke("street", ways.get(kind, []), _width(kind, view.scale)))
    main = [(kind, ways[kind]) for kind in reversed(_MAIN) if ways.get(kind)]
    out += [_stroke("casing", d, _width(kind, view.scale) + (3 if near else 2.6)) for kind, d in main]
    out += [_stroke("road", d, _width(kind, view.scale)) for kind, d in main]
    out += _ward_names(view, labels, taken)
    out += _street_names(view, streets, taken)
    return "".join(out)


def _width(kind: str, scale: float) -> float:
    metres, least = _WIDTHS[kind]
    return max(least, metres * scale)


def _stroke(name: str, d: list[str], width: float, more: str = "") -> str:
    return f'<path class="{name}" stroke-width="{_n(width)}"{more} d="{"".join(d)}"/>' if d else ""


def _in_sight(view: _View, points: Sequence[Point]) -> bool:
    """Whether the box round an outline touches the window."""
    right, bottom = view.left + view.width / view.scale, view.top - view.height / view.scale
    if len(points) == 4 and abs(points[0][0] - (view.left + right) / 2) > 200 + right - view.left:
        return False  # a building, and far off: most are, so this is worth asking first
    return (
        max(p[0] for p in points) >= view.left
        and min(p[0] for p in points) <= right
        and max(p[1] for p in points) >= bottom
        and min(p[1] for p in points) <= view.top
    )


def _runs(view: _View, points: Sequence[Point], width: float) -> list[str]:
    """The parts of a line that may be seen, each as path data."""
    margin = width / 2 + 6 / view.scale
    left, right = view.left - margin, view.left + view.width / view.scale + margin
    top, bottom = view.top + margin, view.top - view.height / view.scale - margin
    xs = [p[0] for p in points]
    ys = [p[1] for p in points]
    if min(xs) >= left and max(xs) <= right and min(ys) >= bottom and max(ys) <= top:
        return [_path(view, points, 0.3)]
    if max(xs) < left or min(xs) > right or max(ys) < bottom or min(ys) > top:
        return []
    out: list[str] = []
    run: list[Point] = []
    for a, b in itertools.pairwise(points):
        if max(a[0], b[0]) < left or min(a[0], b[0]) > right or max(a[1], b[1]) < bottom or min(a[1], b[1]) > top:
            if run:
                out.append(_path(view, run, 0.3))
                run = []
            continue
        run = [*run, b] if run else [a, b]
    return [*out, _path(view, run, 0.3)] if run else out


def _path(view: _View, points: Sequence[Point], within: float) -> str:
    """Path data with relative steps. A vertex that bends the line by less than `within` units is left out."""
    k, left, top = view.scale, view.left, view.top
    # Whole tenths from the start, so that rounding never adds up along the line.
    spots = [(round((x - left) * k * 10), round((top - y) * k * 10)) for x, y in points]
    x, y = spots[0]
    out = [f"M{_t(x)} {_t(y)}l"]
    bend = within * 10
    for (ax, ay), (bx, by) in zip(spots[1:], [*spots[2:], spots[-1]], strict=True):
        dx, dy = bx - x, by - y
        n = abs(dx) + abs(dy)
        if (
            (bx, by) != (ax, ay)
            and n
            and abs(dx * (ay - y) - dy * (ax - x)) < bend * n * 0.8
            and dx * (ax - x) + dy * (ay - y) > 0
        ):
            continue
        if ax == x and ay == y:
            continue
        out.append(f"{_t(ax - x)} {_t(ay - y)}")
        x, y = ax, ay
    return out[0] + " ".join(out[1:]).replace(" -", "-") if len(out) > 1 else ""


def _t(tenths: int) -> str:
    """Tenths of a unit, written as short as SVG allows: 123 is 12.3, -4 is -.4."""
    whole, rest = divmod(abs(tenths), 10)
    sign = "-" if tenths < 0 else ""
    if not rest:
        return f"{sign}{whole}"
    return f"{sign}{whole or ''}.{rest}"


def _n(value: float) -> str:
    return _t(round(value * 10))


# ── Names ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class _Taken:
    """Where something is written or marked already, as discs, so that names keep clear of it and of each other."""

    CELL = 24.0

    def __init__(self) -> None:
        self._discs: dict[tuple[int, int], list[tuple[float, float, float]]] = {}

    def add(self, x: float, y: float, radius: float) -> None:
        self._discs.setdefault((int(x // self.CELL), int(y // self.CELL)), []).append((x, y, radius))

    def is_free(self, x: float, y: float, radius: float) -> bool:
        i, j = int(x // self.CELL), int(y // self.CELL)
        for u in (i - 1, i, i + 1):
            for v in (j - 1, j, j + 1):
                for cx, cy, r in self._discs.get((u, v), ()):
                    if math.hypot(cx - x, cy - y) < r + radius:
                        return False
        return True


def _discs(x: float, y: float, length: float, angle: float) -> list[Point]:
    n = max(2, math.ceil(length / 11))
    c, s = math.cos(angle), math.sin(angle)
    return [(x + c * (k / (n - 1) - 0.5) * length, y + s * (k / (n - 1) - 0.5) * length) for k in range(n)]


def _ward_names(view: _View, labels: list[Label], taken: _Taken) -> list[str]:
    """Ward names, level. One that would cover a mark steps aside a little, else it is left out."""
    if view.scale > _NAMED:
        return []
    out = []
    for label in labels:
        x, y = view.at(label.x, label.y)
        length = _WARD_LETTER * len(label.text)
        for dx, dy in (
            (0, 0),
            (0, -16),
            (0, 16),
            (0, -30),
            (0, 30),
            (-40, 0),
            (40, 0),
            (-34, -24),
            (34, -24),
            (-34, 24),
            (34, 24),
        ):
            at, down = x + dx, y + dy
            spots = _discs(at, down, length, 0)
            inside = length / 2 < at < view.width - length / 2 and 10 < down < view.height - 10
            if inside and all(taken.is_free(u, v, 9) for u, v in spots):
                for u, v in spots:
                    taken.add(u, v, 11)
                out.append(
                    f'<text class="ward" text-anchor="middle" x="{_n(at)}" y="{_n(down + 4)}">{escape(label.text.upper())}</text>'
                )
                break
    return out


def _street_names(view: _View, streets: list[Street], taken: _Taken) -> list[str]:
    """Names along the streets where these run straight and long enough, main roads first; each name once."""
    wanted = _MAIN if view.scale < _NAMED else tuple(_WIDTHS)
    order = sorted((s for s in streets if s.name and s.width_class in wanted), key=lambda s: tuple(_WIDTHS).index(s.width_class))
    out: list[str] = []
    done: set[str] = set()
    for street in order:
        if street.name in done:
            continue
        length = _LETTER * len(street.name) + 6
        spot = _straight(view, street.points, length, taken)
        if spot is None:
            continue
        x, y, angle = spot
        done.add(street.name)
        for u, v in _discs(x, y, length, angle):
            taken.add(u, v, 7.5)
        turn = f" rotate({_n(math.degrees(angle))})" if abs(angle) > 0.02 else ""
        out.append(f'<text text-anchor="middle" y="4" transform="translate({_n(x)} {_n(y)}){turn}">{escape(street.name)}</text>')
    return out


def _straight(view: _View, points: Sequence[Point], length: float, taken: _Taken) -> tuple[float, float, float] | None:
    """The best place for a name of a length along a line: in sight, clear, nearly straight, near the middle of the window."""
    xs = [(p[0] - view.left) * view.scale for p in points]
    ys = [(view.top - p[1]) * view.scale for p in points]
    if max(xs) < 0 or min(xs) > view.width or max(ys) < 0 or min(ys) > view.height:
        return None
    total = [0.0]
    for k in range(1, len(xs)):
        total.append(total[-1] + math.hypot(xs[k] - xs[k - 1], ys[k] - ys[k - 1]))
    if total[-1] < length + 4:
        return None

    def on(d: float, k: int) -> tuple[float, float, int]:
        while k < len(total) - 2 and total[k + 1] < d:
            k += 1
        t = (d - total[k]) / ((total[k + 1] - total[k]) or 1)
        return xs[k] + (xs[k + 1] - xs[k]) * t, ys[k] + (ys[k + 1] - ys[k]) * t, k

    best: tuple[float, float, float, float] | None = None
    step = max(10.0, (total[-1] - length) / 60)
    at, k0, k1 = 2.0, 0, 0
    # A mini map fills a box of another shape and loses up to a tenth at two sides: names keep off them.
    edge_x, edge_y = (view.width * 0.1, view.height * 0.1) if view.is_mini else (9.0, 9.0)
    while at + length <= total[-1]:
        ax, ay, k0 = on(at, k0)
        bx, by, k1 = on(at + length, max(k0, k1))
        at += step
        if (
            min(ax, bx) < edge_x
            or max(ax, bx) > view.width - edge_x
            or min(ay, by) < edge_y
            or max(ay, by) > view.height - edge_y
        ):
            continue
        chord = math.hypot(bx - ax, by - ay)
        if chord < 0.97 * length:
            continue
        off = max((abs((bx - ax) * (ys[k] - ay) - (by - ay) * (xs[k] - ax)) / chord for k in range(k0 + 1, k1 + 1)), default=0.0)
        if off > 3.2:
            continue
        mx, my = (ax + bx) / 2, (ay + by) / 2
        cost = off * 12 + 0.25 * math.hypot(mx - view.width / 2, my - view.height / 2)
        if best is not None and cost >= best[0]:
            continue
        angle = math.atan2(by - ay, bx - ax)
        if angle > math.pi / 2 + 0.01:
            angle -= math.pi
        elif angle <= -math.pi / 2 + 0.01:
            angle += math.pi
        if all(taken.is_free(u, v, 7.5) for u, v in _discs(mx, my, length, angle)):
            best = (cost, mx, my, angle)
    return best[1:] if best else None


# ── What happens there ──────────────────────────────────────────────────────────────────────────────────────────────

_OCTAGON = "-6,-15 6,-15 15,-6 15,6 6,15 -6,15 -15,6 -15,-6"
_OCTAGON_SMALL = "-5,-12 5,-12 12,-5 12,5 5,12 -5,12 -12,5 -12,-5"
_SHAPES = {
    (1, True): f'<polygon class="g1" points="{_OCTAGON}"/>',
    (1, False): f'<polygon class="g1" points="{_OCTAGON_SMALL}"/>',
    (2, True): '<polygon class="g2" points="0,-18 18,0 0,18 -18,0"/>',
    (2, False): '<polygon class="g2" points="0,-15 15,0 0,15 -15,0"/>',
    (3, True): '<rect class="g3" x="-13" y="-13" width="26" height="26" rx="4"/>',
    (3, False): '<rect class="g3" x="-11" y="-11" width="22" height="22" rx="4"/>',
}


def _marks(
    view: _View,
    taken: _Taken,
    house: Sequence[Point] | None,
    ellipse: Ellipse | None,
    incidents: Sequence[Incident],
    units: Sequence[Unit],
    route: Sequence[Point] | None,
) -> str:
    out = ['<g class="marks">']
    if route and len(route) > 1:
        out.append(_stroke_route(view, route))
    if house is not None and len(house) > 2:
        out.append(f'<path class="house" d="{_path(view, house, 0.0)}z"/>')
        taken.add(*view.at(sum(x for x, _ in house) / len(house), sum(y for _, y in house) / len(house)), 8 + view.scale * 4)
    elif house:
        x, y = view.at(*house[0])
        out.append(f'<circle class="pin" cx="{_n(x)}" cy="{_n(y)}" r="6"/>')
        taken.add(x, y, 8)
    if ellipse is not None:
        x, y = view.at(ellipse.x, ellipse.y)
        turn = f' transform="rotate({_n(-ellipse.angle)} {_n(x)} {_n(y)})"' if ellipse.angle else ""
        rx, ry = max(7.0, ellipse.major * view.scale), max(7.0, ellipse.minor * view.scale)
        out.append(f'<ellipse class="ellipse" cx="{_n(x)}" cy="{_n(y)}" rx="{_n(rx)}" ry="{_n(ry)}"{turn}/>')
        for k in range(24):  # a name may stand inside or outside the ellipse, not across its edge
            u, v = rx * math.cos(k * math.pi / 12), ry * math.sin(k * math.pi / 12)
            c, s = math.cos(math.radians(-ellipse.angle)), math.sin(math.radians(-ellipse.angle))
            taken.add(x + u * c - v * s, y + u * s + v * c, 2)
    boxes: list[tuple[float, float, float, float]] = []  # middle and half sides of what must stay legible
    # The gravest is drawn last, over the others.
    for incident in sorted(incidents, key=lambda i: (i.is_chosen, -i.grade)):
        if view.shows(incident.x, incident.y, 10):
            x, y = view.at(incident.x, incident.y)
            out.append(f'<g transform="translate({_n(x)} {_n(y)})">{_shape(incident)}</g>')
            boxes.append((x, y, 13, 13))
            taken.add(x, y, 14)
    for unit in units:
        if view.shows(unit.x, unit.y, 6):
            out.append(_tag(view, unit, boxes, taken))
    return "".join(out) + "</g>" if len(out) > 1 else '<g class="marks"></g>'


def _stroke_route(view: _View, route: Sequence[Point]) -> str:
    return f'<path class="route" d="{_path(view, route, 0.3)}"/>'


def _shape(incident: Incident) -> str:
    if 1 <= incident.grade <= 3:
        return f'{_SHAPES[incident.grade, incident.is_chosen]}<text class="gn gn{incident.grade}" y="5">{incident.grade}</text>'
    # Appointments and what needs no visit: the quiet outline of a unit, round or dashed, as the design's grades 4 and 5.
    # While the grade is owed: a question in a dashed ring.
    busy, rx = {0: (" unit--busy", 11), 5: (" unit--busy", 4)}.get(incident.grade, ("", 11))
    return (
        f'<g class="unit{busy}"><rect x="-11" y="-11" width="22" height="22" rx="{rx}"/>'
        f'<text text-anchor="middle" y="4.5">{incident.grade or "?"}</text></g>'
    )


def _tag(view: _View, unit: Unit, boxes: list[tuple[float, float, float, float]], taken: _Taken) -> str:
    """A unit's call sign in a box; where another mark stands, the box steps aside by its own size."""
    x, y = view.at(unit.x, unit.y)
    half = max(15.0, 4.0 * len(unit.call_sign) + 6)
    w, h = 2 * half + 3, 25.0
    places = ((0, 0), (0, -h), (0, h), (w, 0), (-w, 0), (w, -h), (-w, h), (w, h), (-w, -h), (0, -2 * h), (0, 2 * h))

    def place(step: Point) -> Point:
        return min(max(x + step[0], half + 2), view.width - half - 2), min(max(y + step[1], 13), view.height - 13)

    def is_clear(p: Point) -> bool:
        return all(abs(p[0] - bx) >= half + bw or abs(p[1] - by) >= 11 + bh for bx, by, bw, bh in boxes)

    x, y = next((p for p in map(place, places) if is_clear(p)), (x, y))
    boxes.append((x, y, half, 11))
    for u, v in _discs(x, y, 2 * half - 12, 0):
        taken.add(u, v, 12)
    state = f" unit--{unit.state}" if unit.state in ("free", "busy") else ""
    return (
        f'<g class="unit{state}" transform="translate({_n(x)} {_n(y)})">'
        f'<rect x="-{_n(half)}" y="-11" width="{_n(2 * half)}" height="22" rx="4"/>'
        f'<text text-anchor="middle" y="4.5">{escape(unit.call_sign)}</text></g>'
    )
