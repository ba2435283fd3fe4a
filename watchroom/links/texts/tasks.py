"""What no gateway has taken in time is dropped; of what one took and then said no more, somebody is told."""

from django.db import transaction
from procrastinate.contrib.django import app

from watchroom.foundation import clock, scope
from watchroom.links.texts import actions


@app.periodic(cron="* * * * *")
@app.task(name="links.texts.drop", queue="links", queueing_lock="links.texts.drop", pass_context=False)
def drop_late(timestamp: int) -> None:
    for force in scope.forces():
        with scope.use(force), transaction.atomic():
            actions.drop(at=clock.now())
            actions.lose(at=clock.now())
