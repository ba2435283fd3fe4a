"""The call to another system, as a job in a queue of its own: a system that hangs keeps no other work waiting."""

from collections.abc import Callable
from typing import Any, TypeVar

from asgiref.sync import sync_to_async
from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from watchroom.foundation import clock, scope
from watchroom.links.records import actions
from watchroom.links.records.calling import call

T = TypeVar("T")


@app.task(name="links.records.ask", queue="links", retry=RetryStrategy(max_attempts=4, wait=2))
async def ask(force: str, research: int) -> None:
    """Ask, and keep what came. It may run twice after a kill: the other side knows the question by its key, and we what we have.

    What the other side does is an outcome and no error; the job itself is tried again when the database was away.
    """
    order = await _for(force, lambda: actions.take_up(research=research, at=clock.now()))
    if order is not None:
        outcome = await call(order)
        await _for(force, lambda: actions.keep(research=research, outcome=outcome, at=clock.now()))


async def _for(force: str, work: Callable[[], T]) -> T:
    """In a transaction of this force, which ends before anybody is called."""

    def inside() -> Any:
        with scope.use(force), transaction.atomic():
            return work()

    return await sync_to_async(inside)()
