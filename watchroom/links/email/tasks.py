"""The mailbox is looked into every half minute; what was written to somebody is sent, and tried again when the server is away."""

import imaplib
import smtplib
from typing import Any

import structlog
from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from watchroom.contacts import sending
from watchroom.contacts.sending import Tried
from watchroom.force import queries as policy
from watchroom.foundation import clock, scope
from watchroom.links.email import actions, fetching, servers
from watchroom.links.email.models import Reply

log = structlog.get_logger()
PERMANENT = range(500, 600)


@app.periodic(cron="* * * * * */30")
@app.task(name="email.fetch", queueing_lock="email.fetch", pass_context=False)
def fetch(timestamp: int) -> None:
    for force in scope.forces():
        with scope.use(force):
            try:
                fetching.fetch_new(at=clock.now())
            except (OSError, imaplib.IMAP4.error, servers.Unusable) as error:  # away, or wrongly set: the next turn tries again
                log.error("mailbox_failed", force=force, error=type(error).__name__)


@app.task(name="email.send", pass_context=False, retry=RetryStrategy(max_attempts=12, exponential_wait=2))
def send(force: str, reply: int) -> None:
    """Send one. That a try begins is noted before; that the server took it, after. Killed between the two, nobody knows, and it is
    not sent again: the Sent folder is looked into, and where that says nothing, a person.

    What the mail server does is an outcome and no error; the job itself is tried again when the database was away.
    """
    with scope.use(force):
        row, step = actions.begin(reply=reply, at=clock.now())
        if step == "wait":
            with transaction.atomic():
                again(force, reply, policy.policy_at(clock.now()).policy.mailbox.look_after_s)
        elif step == "look":
            _look(row)
        elif step == "send":
            _send(force, row)


def _send(force: str, row: Reply) -> None:
    with transaction.atomic():
        unsafe = actions.unsafe_now(row)
    tried = Tried(unsafe, is_final=True) if unsafe else _deliver(row)
    with transaction.atomic():
        at = clock.now()
        if not tried.is_known:
            again(force, row.pk, policy.policy_at(at).policy.mailbox.look_after_s)
        elif not tried.problem:
            actions.sent(reply=row.pk, at=at)
        elif (tries := actions.failed(reply=row.pk, problem=tried.problem, is_final=tried.is_final, at=at)) < sending.TRIES:
            again(force, row.pk, sending.wait_s(tries))


def _look(row: Reply) -> None:
    """Is it in the Sent folder? That it is there proves that it was sent; that it is not proves nothing, and a person decides."""
    try:
        is_there = fetching.is_in_sent(row.message_id)
    except (OSError, imaplib.IMAP4.error, servers.Unusable) as error:
        log.error("sent_folder_failed", error=type(error).__name__)
        is_there = False
    if is_there:
        actions.sent(reply=row.pk, at=clock.now())
    else:
        actions.doubt(reply=row.pk, at=clock.now())


def _deliver(row: Reply) -> Tried:
    """Hand it to the mail server. The words are the class and the code: a server's own may quote an address."""
    is_handed_over = is_taken = False
    try:
        server, sender = servers.outgoing(), servers.sender()
        if server is None or not sender:
            return Tried("No mail server is set for this force.", is_final=True)
        with servers.open_outgoing(server) as box:
            hand_over = box.data

            def data(message: Any) -> Any:
                nonlocal is_handed_over
                is_handed_over = True  # from here on, a silence is no refusal
                return hand_over(message)

            box.data = data  # type: ignore[method-assign, assignment]
            box.send_message(actions.as_message(row, sender))
            is_taken = True
    except (OSError, smtplib.SMTPException, servers.Unusable) as error:
        if not is_taken:  # what goes wrong with the farewell is nothing of the message's
            return _failed(error, is_handed_over)
    return Tried()


def _failed(error: Exception, is_handed_over: bool) -> Tried:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
        said = f"the mail server refused the address ({', '.join(map(str, codes))})"
        return Tried(said, is_final=all(code in PERMANENT for code in codes))
    if isinstance(error, smtplib.SMTPResponseException):
        return Tried(f"the mail server answered {error.smtp_code}", is_final=error.smtp_code in PERMANENT)
    return Tried(f"the mail server is not there ({type(error).__name__})", is_known=not is_handed_over)


def again(force: str, reply: int, seconds: int = 0) -> None:
    send.configure(schedule_in={"seconds": seconds} if seconds else None).defer(force=force, reply=reply)
