"""Where does each seat of the floor plan stand? Rows of six by part of the room; geometry only."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, STEP, ROW, PER_ROW = 42, 46, 66, 84, 6


@dataclass(frozen=True)
class Placed:
    x: int
    y: int
    number: int  # in the order given

    @property
    def middle(self) -> int:
        return self.x + WIDTH // 2


@dataclass(frozen=True)
class Zone:
    label: str
    y: int
    seats: tuple[Placed, ...]


@dataclass(frozen=True)
class Plan:
    zones: tuple[Zone, ...]
    width: int
    height: int


def plan(zones: Sequence[tuple[str, int]]) -> Plan:
    """The places of so many seats in each part of the room, one part below the other."""
    placed, y, number = [], 0, 0
    for label, count in zones:
        seats = []
        for at in range(count):
            seats.append(Placed(4 + (at % PER_ROW) * STEP, y + 30 + (at // PER_ROW) * ROW, number))
            number += 1
        placed.append(Zone(label, y + 15, tuple(seats)))
        y += 30 + (-(-count // PER_ROW)) * ROW + 8
    return Plan(tuple(placed), 4 + PER_ROW * STEP, max(y, 1))
