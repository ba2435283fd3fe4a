"""Carrying a handover to the other force and its answer back: one job for both, said anew until there is an end.

It says the whole each time (`Message`) and hears the whole (`Answer`), so that a job that is killed, or runs twice, or meets another
of its kind, loses nothing and does nothing twice. Each half is a transaction of one force; none ever sees both.
"""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import structlog
from asgiref.sync import sync_to_async
from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from watchroom.force.queries import NoPolicy
from watchroom.foundation import clock, scope
from watchroom.foundation.errors import Refused
from watchroom.links.forces import actions
from watchroom.links.forces.calling import call
from watchroom.referrals.forces.document import Answer
from watchroom.referrals.models import ToForce

log = structlog.get_logger()
T = TypeVar("T")
AT_ONCE = 20  # a force that does not answer keeps each for `calling.TIMEOUT_S`; those of the others go on meanwhile


@app.task(name="links.forces.carry", queue="links", retry=RetryStrategy(max_attempts=4, wait=2))
async def carry(force: str, handover: int) -> None:
    """Tell the other force how it stands here, and keep how it stands there. What they do is an outcome and no error."""
    while (order := await _for(force, lambda: actions.take_up(handover=handover))) is not None:
        if not await _carry(force, handover, order):
            return


async def _carry(force: str, handover: int, order: actions.Order) -> bool:
    """Once; whether they have yet to be told of something, though they have accepted it."""
    if order.is_here:
        outcome = await _here(order, force)
    elif order.connection is None:
        outcome = "unconnected"
    else:
        outcome = await call(order.connection, order.key, order.body)
    return await _for(force, lambda: actions.keep(handover=handover, order=order, outcome=outcome, at=clock.now()))


@app.task(name="links.forces.carry_key", queue="links", retry=RetryStrategy(max_attempts=4, wait=2))
async def carry_key(force: str, key: str) -> None:
    """The same by the key of the crossing, which is all that the other end knows of ours."""
    handover = await _for(force, lambda: ToForce.objects.filter(key=key).values_list("pk", flat=True).first())
    if handover is not None:
        await carry(force, handover)


@app.periodic(cron="* * * * * */10")
@app.task(name="links.forces.all", queue="links", queueing_lock="links.forces.all", pass_context=False)
async def carry_all(timestamp: int) -> None:
    """Every ten seconds: whatever has no end yet, of each force, several at once. One that cannot be carried keeps no other waiting."""
    few = asyncio.Semaphore(AT_ONCE)

    async def one(force: str, handover: int) -> None:
        async with few:
            try:
                await carry(force, handover)
            except Exception as error:
                log.warning("a handover was not carried", force=force, handover=handover, error=type(error).__name__)

    found = [
        (force, handover)
        for force in await sync_to_async(scope.forces)()
        for handover in await _for(force, actions.still_to_carry)
    ]
    await asyncio.gather(*(one(force, handover) for force, handover in found))


async def _here(order: actions.Order, sender: str) -> "Answer | str":
    """To a force of this installation: in its own scope and a transaction of its own."""
    try:
        return await _for(order.to, lambda: actions.take_in(body=order.body, sender=sender, at=clock.now()))
    except (Refused, NoPolicy):
        return "refused"


async def _for(force: str, work: Callable[[], T]) -> T:
    """In a transaction of this force, which ends before the other is spoken to."""

    def inside() -> Any:
        with scope.use(force), transaction.atomic():
            return work()

    return await sync_to_async(inside)()
