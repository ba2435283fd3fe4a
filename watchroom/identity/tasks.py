"""At night: names are counted anew, so that a rare one weighs what it should, and who stands here twice is looked for."""

from django.db import transaction
from procrastinate.contrib.django import app

from watchroom.foundation import clock, scope
from watchroom.identity import finding, queries, twins


@app.periodic(cron="20 3 * * *")
@app.task(name="identity.count", queueing_lock="identity.count", pass_context=False)
def count(timestamp: int) -> None:
    for force in scope.forces():
        with scope.use(force), transaction.atomic():
            finding.count(at=clock.now())
            unsaid, confirmed = queries.said_lately(at=clock.now())
            finding.learn(unsaid, at=clock.now(), confirmed=confirmed)


@app.periodic(cron="50 3 * * *")
@app.task(name="identity.twins", queueing_lock="identity.twins", pass_context=False)
def look_for_twins(timestamp: int) -> None:
    for force in scope.forces():
        with scope.use(force):
            twins.sweep(at=clock.now())
