"""Who has left a chat without a word is noticed by time alone."""

from django.db import transaction
from procrastinate.contrib.django import app

from watchroom.contacts.chat import actions
from watchroom.foundation import clock, scope


@app.periodic(cron="* * * * * */10")
@app.task(name="contacts.chats", queueing_lock="contacts.chats", pass_context=False)
def chats(timestamp: int) -> None:
    """Every ten seconds: before an answer they have given up, after it they have gone quiet."""
    for force in scope.forces():
        with scope.use(force), transaction.atomic():
            actions.sweep(at=clock.now())
