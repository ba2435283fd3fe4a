"""Each minute: positions that met no call in time are thrown away."""

from django.db import transaction
from procrastinate.contrib.django import app

from watchroom.foundation import clock, scope
from watchroom.links.eisec_aml import actions


@app.periodic(cron="* * * * *")
@app.task(name="eisec_aml.purge", queueing_lock="eisec_aml.purge", pass_context=False)
def purge(timestamp: int) -> None:
    for force in scope.forces():
        with scope.use(force), transaction.atomic():
            actions.purge(at=clock.now())
