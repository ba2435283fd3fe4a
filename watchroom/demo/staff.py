"""Who works in the demo's control rooms, and which units are out?"""

from __future__ import annotations

from dataclasses import dataclass, field

from watchroom.demo.city import City

PASSWORD = "watchroom-demo"  # of every demo account; a real force has none of these


@dataclass(frozen=True, slots=True)
class Force:
    code: str
    name: str
    city: str


@dataclass(frozen=True, slots=True)
class Account:
    name: str  # logs in as name@force
    force: str
    full_name: str
    roles: tuple[str, ...]
    desk: str
    skills: dict[str, int] = field(default_factory=dict)  # skill of the policy: level


@dataclass(frozen=True, slots=True)
class Unit:
    """A crew at the start of the demo. `status` is the radio status 0 to 16, `doing` what the board says beside it."""

    call_sign: str
    crew: int
    skills: tuple[str, ...]
    beat: str  # code; "" for the whole force
    status: int
    doing: str
    x: float
    y: float


FORCES = (Force("northmoor", "Northmoor Police", "Harrowby"), Force("southmere", "Southmere Police", "Southmere"))

ACCOUNTS = (
    Account("handler", "northmoor", "Bryn Pugh", ("handler",), "999 desk 14", {"emergency": 2, "welsh": 3}),
    Account("handler2", "northmoor", "Dawit Haile", ("handler",), "999 desk 9", {"emergency": 3, "digital": 2, "text_relay": 2}),
    Account("switchboard", "northmoor", "Sunita Rao", ("switchboard",), "101 switchboard", {"digital": 1}),
    Account("despatch", "northmoor", "Priya Nandakumar", ("despatcher",), "Despatch north"),
    Account("resolution", "northmoor", "Ruth Adeyemi", ("resolver",), "Resolution desk", {"digital": 3, "bsl": 1}),
    Account("vulnerability", "northmoor", "Nuala Brennan", ("vulnerability",), "Vulnerability desk"),
    Account("supervisor", "northmoor", "Marian Tolley", ("supervisor",), "Room supervisor, nights"),
    Account("analyst", "northmoor", "Tom Okoro", ("analyst",), "Performance"),
    Account("auditor", "northmoor", "Ines Marsh", ("auditor",), "Professional standards"),
    Account("inspector", "northmoor", "Gwen Ashby", ("inspector",), "Inspection"),
    Account("outsider", "southmere", "Ola Brandt", ("handler",), "999 desk 2"),
    Account("neighbour", "southmere", "Huw Marlow", ("handler",), "999 desk 5"),
)

# call sign, crew, skills, home beat, status, what it does, where: a landmark, two streets that cross, or metres
_UNITS: tuple[tuple[str, int, tuple[str, ...], str, int, str, str | tuple[str, str] | tuple[float, float]], ...] = (
    ("NH21", 2, ("taser",), "tannery", 2, "Kiln Street", ("kiln-street", "dyers-row")),
    ("NH14", 2, (), "tannery", 2, "Mill Lane", (-690.0, -110.0)),
    ("NH03", 1, (), "tannery", 2, "Quay Steps", (520.0, -250.0)),
    ("NH11", 2, (), "tannery", 2, "Ferry Bridge", (96.0, -985.0)),
    ("NH07", 2, ("taser", "pursuit"), "northgate", 2, "Northgate", (-870.0, 500.0)),
    ("NH12", 2, ("taser",), "northgate", 3, "Northgate station", "northgate-station"),
    ("NH16", 1, (), "northgate", 8, "Scene guard", (-520.0, 905.0)),
    ("NH30", 1, (), "northgate", 4, "Refreshments", "northgate-station"),
    ("NH04", 2, ("public_order",), "old-quay", 2, "Market Place", "market-place"),
    ("NH15", 2, ("public_order", "taser"), "old-quay", 2, "Old Quay", (330.0, -350.0)),
    ("NH09", 2, (), "old-quay", 7, "Enquiry, can be sent", "bus-station"),
    ("NH22", 2, ("search",), "old-quay", 9, "With a prisoner", (-60.0, 560.0)),
    ("NH27", 1, (), "millfield", 10, "At court", "magistrates"),
    ("NH18", 2, ("taser",), "ferrybank", 2, "Ferrybank", "ferrybank-post-office"),
    ("NH24", 1, ("roads",), "orchard", 2, "Orchard Way", "orchard-post-office"),
    ("NH33", 2, ("search",), "askwold", 2, "Askwold", "askwold-shop"),
    ("NH35", 1, ("roads", "pursuit"), "long-ings", 2, "M98", "junction-7"),
    ("AR2", 2, ("armed", "taser", "pursuit"), "", 2, "Ring road", (-420.0, 1150.0)),
    ("DG1", 1, ("dog",), "", 2, "Millfield", "supermarket"),
    ("SM01", 2, (), "", 2, "Southmere border", (300.0, -2900.0)),
)


def units(city: City) -> tuple[Unit, ...]:
    """Northmoor's units, where they are when the demo begins. SM01 is Southmere's: see `force_of`."""
    out = []
    for call_sign, crew, skills, beat, status, doing, where in _UNITS:
        if isinstance(where, str):
            x, y = city.landmark[where].x, city.landmark[where].y
        elif isinstance(where[0], str):
            junction = city.crossing(str(where[0]), str(where[1]))
            x, y = junction.x, junction.y
        else:
            x, y = float(where[0]), float(where[1])
        out.append(Unit(call_sign, crew, skills, beat, status, doing, x, y))
    return tuple(out)


def force_of(unit: Unit) -> str:
    """Whose unit it is, by its call sign: SM is Southmere's, all others Northmoor's."""
    return "southmere" if unit.call_sign.startswith("SM") else "northmoor"
