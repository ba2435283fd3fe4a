"""Founding a force and adopting a policy."""

from datetime import datetime

from django.db import connections, transaction

from watchroom.force import packs, queries
from watchroom.force.facts import PolicyAdopted
from watchroom.force.models import PolicyVersion
from watchroom.force.policy import Policy
from watchroom.foundation import facts, locks, memory


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
