"""At night: which names are common here, and which keys too many share, is counted anew, so that a rare name weighs what it should."""

from django.db import transaction
from procrastinate.contrib.django import app

from watchroom.foundation import clock, scope
from watchroom.identity import finding


@app.periodic(cron="20 3 * * *")
@app.task(name="identity.count", queueing_lock="identity.count", pass_context=False)
def count(timestamp: int) -> None:
    for force in scope.forces():
        with scope.use(force), transaction.atomic():
            finding.count(at=clock.now())
