from dataclasses import dataclass

from watchroom.foundation.facts import Fact


@dataclass(frozen=True, kw_only=True)
class SeriesSeen(Fact):
    """Incidents that were each graded low look like a series; the vulnerability desk owes a look."""

    about = "series_alert"
    series_alert: int
    series: str
    same: str
    incidents: int


@dataclass(frozen=True, kw_only=True)
class SeriesGrew(Fact):
    """One or more incidents came to a series that somebody looks at already."""

    about = "series_alert"
    series_alert: int
    incidents: int


@dataclass(frozen=True, kw_only=True)
class SeriesTaken(Fact):
    about = "series_alert"
    series_alert: int
    member: int


@dataclass(frozen=True, kw_only=True)
class SeriesWorked(Fact):
    """Contact was made, something advised or referred; the words stand in the step."""

    about = "series_alert"
    series_alert: int
    step: int
    what: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class SeriesSettled(Fact):
    """What the desk contributed, in a code (R93); `no_series` is a false alarm, and counted."""

    about = "series_alert"
    series_alert: int
    contribution: str
    digest: str
