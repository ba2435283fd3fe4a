"""Reactions that are not done at once: one job loads the fact again and makes one call."""

import importlib
from typing import Any

from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from watchroom.foundation import clock, facts, models, scope


@app.task(name="react", retry=RetryStrategy(max_attempts=12, exponential_wait=2))
def react(force: str, fact: int, reaction: str) -> None:
    """Carry out `reaction` on a fact of `force`. Reactions are idempotent: a job may run again after a kill."""
    with scope.use(force), transaction.atomic():
        told = facts.read(models.Fact.objects.get(pk=fact))
        _function(reaction)(told)
        failed = models.Fact.objects.filter(subject_kind="fact", subject_id=fact)
        was = failed.filter(kind="ReactionFailed", body__reaction=reaction).exists()
        if was and not failed.filter(kind="ReactionMended", body__reaction=reaction).exists():
            facts.tell(facts.ReactionMended(fact=fact, reaction=reaction), by="system:journey", at=clock.now())


def _function(name: str) -> Any:
    module, _, function = name.rpartition(".")
    return getattr(importlib.import_module(module), function)
