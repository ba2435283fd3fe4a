"""Founding a force and adopting a policy."""

from datetime import datetime, timedelta

from django.db import connections, transaction

from watchroom.force import packs, queries
from watchroom.force.facts import GroupingDeclared, GroupingEnded, PolicyAdopted, SurgeDeclared, SurgeEnded
from watchroom.force.models import Grouping, PolicyVersion, Surge
from watchroom.force.policy import Policy
from watchroom.foundation import facts, locks, memory
from watchroom.foundation.errors import Invalid, Refused


def found(*, code: str, name: str, timezone: str = "Europe/London") -> None:
    """Open a force's books: its row and the empty head of its chain of facts. Uses the owner's connection; a repeat changes nothing.

    A force is founded by who runs the installation, never by the application: only the owner may begin a chain.
    """
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute(
            "insert into force_force (code, name, timezone) values (%s, %s, %s) on conflict (code) do nothing",
            [code, name, timezone],
        )
        cursor.execute("insert into foundation_head (force, seq, hash) values (%s, 0, '') on conflict (force) do nothing", [code])


def adopt(*, policy: Policy, by: str, at: datetime) -> PolicyVersion:
    """Make `policy` the force's policy from `at`. The same pack as the one in force is not adopted twice."""
    digest = packs.digest(policy)
    with transaction.atomic():
        locks.hold("policy")
        newest = PolicyVersion.objects.order_by("-number").first()
        if newest and newest.digest == digest:
            return newest
        version = PolicyVersion.objects.create(
            number=newest.number + 1 if newest else 1,
            digest=digest,
            pack=policy.model_dump(mode="json"),
            effective_from=at,
            adopted_by=by,
        )
        memory.forget(queries.VERSIONS)
        facts.tell(PolicyAdopted(policy=version.pk, number=version.number, digest=digest), by=by, at=at)
        return version


def declare_surge(*, reason: str, measures: list[str], until: datetime, by: str, at: datetime) -> Surge:
    """Declare high demand, with its reason, what it changes, and its end (R84). Raises Invalid and Refused in words.

    It changes who does what. No rule of risk, grade or interlock takes it as an argument.
    """
    policy = queries.policy_at(at).policy.surge
    known = {one.code for one in policy.measures}
    _check_reason(reason, policy.min_reason)
    if not measures or not set(measures) <= known:
        raise Invalid(measures="Choose what it changes.")
    if not at < until <= at + timedelta(seconds=policy.longest_s):
        raise Invalid(until=f"It ends at most {policy.longest_s // 3600} hours from now; declare it again if it is still needed.")
    with transaction.atomic():
        locks.hold("surge")
        memory.forget(queries.SURGE)
        if queries.surge_at(at):
            raise Refused("A surge is declared already. End it first, or let it run out.")
        row = Surge.objects.create(
            reason=reason.strip(), measures=sorted(set(measures)), declared_by=by, declared_at=at, ends_at=until
        )
        memory.forget(queries.SURGE)
        facts.tell(SurgeDeclared(surge=row.pk, measures=",".join(row.measures), ends_at=until), by=by, at=at)
        return row


def end_surge(*, by: str, at: datetime) -> None:
    """It is over before its time. A repeat changes nothing."""
    with transaction.atomic():
        locks.hold("surge")
        memory.forget(queries.SURGE)
        row = queries.surge_at(at)
        if row is None:
            return
        row.ends_at, row.ended_by = max(at, row.declared_at + timedelta(microseconds=1)), by
        row.save(update_fields=["ends_at", "ended_by"])
        memory.forget(queries.SURGE)
        facts.tell(SurgeEnded(surge=row.pk), by=by, at=at)


def declare_grouping(*, reason: str, until: datetime, by: str, at: datetime) -> Grouping:
    """Let others be answered between those who ring from one place, until it is looked at again. Raises Invalid and Refused in words."""
    policy = queries.policy_at(at).policy.routing.grouping
    _check_reason(reason, policy.min_reason)
    if not at < until <= at + timedelta(seconds=policy.longest_s):
        raise Invalid(
            until=f"It is looked at again after {policy.longest_s // 3600} hours at most; declare it anew if it is still needed."
        )
    with transaction.atomic():
        locks.hold("grouping")
        memory.forget(queries.GROUPING)
        if queries.grouping_at(at):
            raise Refused("It is declared already. End it first, or let it run out.")
        row = Grouping.objects.create(reason=reason.strip(), declared_by=by, declared_at=at, review_by=until)
        memory.forget(queries.GROUPING)
        facts.tell(GroupingDeclared(grouping=row.pk, review_by=until), by=by, at=at)
        return row


def end_grouping(*, by: str, at: datetime) -> None:
    """It is over before its time. A repeat changes nothing."""
    with transaction.atomic():
        locks.hold("grouping")
        memory.forget(queries.GROUPING)
        row = queries.grouping_at(at)
        if row is None:
            return
        row.review_by, row.ended_by = max(at, row.declared_at + timedelta(microseconds=1)), by
        row.save(update_fields=["review_by", "ended_by"])
        memory.forget(queries.GROUPING)
        facts.tell(GroupingEnded(grouping=row.pk), by=by, at=at)


def _check_reason(reason: str, least: int) -> None:
    """Of letters and digits there are at least so many. Raises Invalid."""
    if sum(character.isalnum() for character in reason) < least or "\x00" in reason:
        raise Invalid(reason="Say what happens, so that whoever reads a log of tonight understands it.")
