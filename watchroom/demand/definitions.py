"""What exactly does a figure count? Read from `data/definitions.toml`, and given a hash by which figures are compared (R139)."""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from watchroom.contacts import rules as contacts
from watchroom.demand.rules import counting
from watchroom.force.policy import Policy

COUNTED = ("numerator", "denominator", "exclusions", "clock", "unit")  # what the hash covers; titles and sources may be reworded
FIELDS = ("title", *COUNTED, "source")


class NotComparable(ValueError):
    """Two figures were to be compared that do not count the same thing."""


@dataclass(frozen=True)
class Definition:
    """One figure's definition, with the thresholds of one policy filled in."""

    code: str
    title: str
    numerator: str
    denominator: str
    exclusions: str
    clock: str
    unit: str
    source: str

    @property
    def hash(self) -> str:
        """SHA-256 over what is counted, as 12 hex digits: the same on every machine, and for every force that counts the same."""
        counted = json.dumps([" ".join(getattr(self, name).split()) for name in COUNTED], ensure_ascii=False)
        return hashlib.sha256(counted.encode()).hexdigest()[:12]

    @property
    def alone(self) -> tuple["Definition", ...]:
        """For a page that discloses several at once."""
        return (self,)


def under(policy: Policy) -> dict[str, Definition]:
    """All definitions by code, with this policy's thresholds."""
    values = _thresholds(policy)
    return {
        code: Definition(code=code, **{name: entry[name].format_map(values) for name in FIELDS})
        for code, entry in _entries().items()
    }


def check_comparable(this: Definition, other: Definition) -> None:
    """Raises NotComparable, saying what differs: a rate of calls is not a rate of incidents (seed inconsistency I4)."""
    if this.hash == other.hash:
        return
    differs = [name for name in COUNTED if getattr(this, name) != getattr(other, name)]
    raise NotComparable(f"“{this.title}” ({this.hash}) and “{other.title}” ({other.hash}) differ in {', '.join(differs)}.")


@cache
def _entries() -> Mapping[str, dict[str, str]]:
    entries = tomllib.loads((Path(__file__).parent / "data" / "definitions.toml").read_text())
    for code, entry in entries.items():
        if set(entry) != set(FIELDS):
            raise ValueError(f"definitions.toml, [{code}]: a definition has {', '.join(FIELDS)}, all of them and nothing else.")
    return entries


def _thresholds(policy: Policy) -> dict[str, str]:
    return {
        "answer_999_s": str(policy.response.answer_999_s),
        "answer_999_limit_s": str(policy.response.answer_999_limit_s),
        "bands": "; ".join(contacts.band_labels(policy)),
        "targets": ", ".join(f"{channel.code} {channel.answer_s} s" for channel in sorted(policy.channels, key=lambda c: c.code)),
        **dict(zip(("after_101_hours", "after_101_second", "after_101_third"), _hours(policy), strict=True)),
        "repeat_days": str(policy.resolving.repeat_days),
        "callback_within_s": str(policy.callbacks.within_s),
        "chat_quiet_s": str(policy.chat.quiet_s),
        "chat_gone_s": str(policy.chat.gone_s),
        "risk_minutes": f"{policy.contacts.risk_s / 60:g}",
    }


def _hours(policy: Policy) -> list[str]:
    return [f"{seconds / 3600:g}" for seconds in counting.windows_of(policy)]
