"""What is to go out is handed to the gateway, and tried again while it is known that it took nothing."""

from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from watchroom.contacts.sending import Tried
from watchroom.force import queries as policies
from watchroom.foundation import clock, scope
from watchroom.links.social import actions, calling, connections, protocol, publishing
from watchroom.links.social.models import Post, Reply

UNDER_WAY_S = 5
NO_GATEWAY = "No gateway to social media is set for this force."


@app.task(name="social.send", queue="links", pass_context=False, retry=RetryStrategy(max_attempts=12, exponential_wait=2))
def send(force: str, kind: str, pk: int) -> None:
    """One reply or post, or one that is taken down. That a try begins is noted before it; how it ended, after. No call is in a transaction.

    Killed between the two, nobody knows, and it is not sent again: the gateway is asked, and where it does not say, a person.
    """
    with scope.use(force):
        if kind == "down":
            _take_down(pk)
            return
        with transaction.atomic():
            row, step = actions.begin(kind=kind, pk=pk, at=clock.now())
        if step == "wait":
            with transaction.atomic():
                actions.defer(kind, pk, policies.policy_at(clock.now()).policy.social.look_after_s)
        elif step == "look":
            connection = connections.outgoing()
            is_there = connection is not None and calling.has(connection, row.key)
            act = actions.sent if is_there else actions.doubt
            with transaction.atomic():
                act(kind=kind, pk=pk, at=clock.now())
        elif step == "send":
            _send(kind, row)


def _send(kind: str, row: Reply | Post) -> None:
    connection = connections.outgoing()
    tried = calling.hand_over(connection, row.key, _body(row)) if connection else Tried(NO_GATEWAY, is_final=True)
    with transaction.atomic():
        at = clock.now()
        if not tried.is_known:
            actions.defer(kind, row.pk, policies.policy_at(at).policy.social.look_after_s)
        elif not tried.problem:
            actions.sent(kind=kind, pk=row.pk, at=at)
        elif again := actions.failed(kind=kind, pk=row.pk, problem=tried.problem, is_final=tried.is_final, at=at):
            actions.defer(kind, row.pk, again)


def _take_down(pk: int) -> None:
    connection = connections.outgoing()
    with transaction.atomic():
        row = Post.objects.get(pk=pk)
        if row.taken_down_at:
            return
        if row.is_under_way:  # what is taken down before it arrives would stand there afterwards
            actions.defer("down", pk, UNDER_WAY_S)
            return
    is_down = not row.may_stand or (connection is not None and calling.take_down(connection, row.key))
    with transaction.atomic():
        if is_down:
            publishing.taken_down(post=pk, by=actions.BY, at=clock.now())
        elif again := publishing.not_taken_down(post=pk, at=clock.now()):
            actions.defer("down", pk, again)


def _body(row: Reply | Post) -> dict[str, object]:
    if isinstance(row, Post):
        return protocol.post(key=row.key, force=row.force, kind=row.kind, text=row.text, at=row.at)
    to = {"platform": row.platform, "conversation": row.conversation, "account": row.account}
    return protocol.reply(key=row.key, force=row.force, **to, text=row.text, at=row.at)
