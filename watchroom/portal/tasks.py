"""What nobody finished within the hour is deleted, whether or not anybody else comes by."""

from django.db import transaction
from procrastinate.contrib.django import app

from watchroom.foundation import clock, scope
from watchroom.portal import actions


@app.periodic(cron="*/5 * * * *")
@app.task(name="portal.sweep", queueing_lock="portal.sweep", pass_context=False)
def sweep(timestamp: int) -> None:
    for force in scope.forces():
        with scope.use(force), transaction.atomic():
            actions.sweep(at=clock.now())
            actions.sweep_talks(at=clock.now())
