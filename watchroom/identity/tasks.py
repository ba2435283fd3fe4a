"""At night: names are counted anew, so that a rare one weighs what it should, and who stands here twice is looked for."""

import structlog
from django.db import transaction
from procrastinate.contrib.django import app

from watchroom.force import queries as force
from watchroom.foundation import clock, scope
from watchroom.identity import finding, trust, twins
from watchroom.identity.batch import run as batch

log = structlog.get_logger("watchroom.identity")


@app.periodic(cron="20 3 * * *")
@app.task(name="identity.count", queueing_lock="identity.count", pass_context=False)
def count(timestamp: int) -> None:
    for code in scope.forces():
        with scope.use(code), transaction.atomic():
            finding.count(at=clock.now())
            trust.learn(at=clock.now())


@app.periodic(cron="50 3 * * *")
@app.task(name="identity.twins", queueing_lock="identity.twins", pass_context=False)
def look_for_twins(timestamp: int) -> None:
    """Policy says who looks; where Splink cannot, our own look is better than none, and both the log and the page of pairs say so."""
    for code in scope.forces():
        with scope.use(code):
            at = clock.now()
            with transaction.atomic():
                by = force.policy_at(at).policy.twins.looked_through_by
            if by == "splink":
                try:
                    batch.run(at=at)
                    continue
                except (batch.CannotLink, OSError) as error:  # a full disk, above all
                    log.warning("Splink did not look", force=code, why=str(error))
            twins.sweep(at=at)
