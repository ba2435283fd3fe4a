"""Which force is this, and what is its policy?"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from watchroom.force.models import Force, Grouping, PolicyVersion, Surge
from watchroom.force.policy import Policy
from watchroom.foundation import memory, scope
from watchroom.foundation.statements import statement


def codes() -> list[str]:
    """The codes of all forces here, in order."""
    return list(Force.objects.order_by("code").values_list("code", flat=True))


def force() -> Force:
    """The force in scope."""
    return Force.objects.get(code=scope.require())


def timezone() -> ZoneInfo:
    """Of the force in scope; asked once a process, since a force does not move."""
    return _timezone(scope.require())


@cache
def _timezone(code: str) -> ZoneInfo:
    return ZoneInfo(Force.objects.values_list("timezone", flat=True).get(code=code))


def local_day(at: datetime) -> date:
    """The date of this moment where the force in scope is."""
    return at.astimezone(timezone()).date()


@dataclass(frozen=True)
class Adopted:
    """A policy with the number under which this force adopted it."""

    number: int
    policy: Policy


class NoPolicy(RuntimeError):
    """The force has adopted no policy yet."""


def policy_at(at: datetime) -> Adopted:
    """The policy that was in force at `at`. Raises NoPolicy."""
    for number, digest, effective_from in memory.once(VERSIONS, _versions):
        if effective_from <= at:
            return _version(scope.require(), number, digest)
    raise NoPolicy(f"{scope.require()} has no policy at {at:%d %b %Y %H:%M}: run `watchroom policy adopt`.")


VERSIONS = "policy versions"  # asked for several times in an action; one adopted meanwhile holds from the next action on


@statement
def _versions() -> QuerySet[PolicyVersion, tuple[int, str, datetime]]:
    """The newest first."""
    return PolicyVersion.objects.order_by("-number").values_list("number", "digest", "effective_from")


def policy_number(number: int) -> Adopted:
    """A version by its number. Raises PolicyVersion.DoesNotExist."""
    digest = PolicyVersion.objects.values_list("digest", flat=True).get(number=number)
    return _version(scope.require(), number, digest)


@lru_cache(maxsize=256)
def _version(force: str, number: int, digest: str) -> Adopted:
    """A version never changes, so it is parsed once a process (the digest is part of the key)."""
    row = PolicyVersion.objects.get(number=number)
    return Adopted(number, Policy.model_validate(row.pack))


SURGE = "surge now"  # asked for with every permission


def surge_at(at: datetime) -> Surge | None:
    """The surge that is declared now, if one is."""
    row = memory.once(SURGE, lambda: _surge.first(at))
    return row if row and row.declared_at <= at < row.ends_at else None


@statement
def _surge(at: datetime) -> QuerySet[Surge]:
    return Surge.objects.filter(ends_at__gt=at).order_by("-ends_at")[:1]


GROUPING = "grouping now"


def grouping_at(at: datetime) -> Grouping | None:
    """The grouping by place that is declared now, if one is."""
    row = memory.once(GROUPING, lambda: _grouping.first(at))
    return row if row and row.declared_at <= at < row.review_by else None


@statement
def _grouping(at: datetime) -> QuerySet[Grouping]:
    return Grouping.objects.filter(review_by__gt=at).order_by("-review_by")[:1]


def groupings_between(begin: datetime, end: datetime) -> list[Grouping]:
    """Those that overlap a span of time, in order."""
    return list(Grouping.objects.filter(declared_at__lt=end, review_by__gt=begin).order_by("declared_at"))


def surges_between(begin: datetime, end: datetime) -> list[Surge]:
    """Those that overlap a span of time, in order; what was decided meanwhile says so."""
    return list(Surge.objects.filter(declared_at__lt=end, ends_at__gt=begin).order_by("declared_at"))


def acting(roles: list[str], at: datetime) -> list[str]:
    """The roles that whoever has these acts in meanwhile, by a declared surge."""
    row = surge_at(at)
    if row is None:
        return []
    measures = policy_at(row.declared_at).policy.surge.measures
    return [one.acts_as for one in measures if one.code in row.measures and one.role in roles]
