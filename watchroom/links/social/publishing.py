"""A post to everybody: written by one, let out by another, and taken back by either of them or anybody who may."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction

from watchroom.contacts import sending
from watchroom.duties import actions as duties
from watchroom.force import queries as force
from watchroom.foundation import digest, facts
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.facts import Told
from watchroom.foundation.words import written
from watchroom.links.social import actions, queries, rules
from watchroom.links.social import facts as told
from watchroom.links.social.models import Post

FIRST, HIGHER = "desk:supervisor", "desk:inspector"  # who is asked, and to whom it climbs


def write(*, kind: str, text: str, by: str, at: datetime) -> Post:
    """Ask for a post to go out. Nothing goes out by it. Raises Invalid."""
    if kind not in rules.KINDS:
        raise Invalid(kind=f"Choose what it is: {', '.join(rules.KINDS.values())}.")
    if not text.strip():
        raise Invalid(text="Nothing was written.")
    if len(text) > rules.LONGEST_POST or "\0" in text:
        raise Invalid(text=f"Up to {rules.LONGEST_POST:,} ordinary characters fit here.")
    with transaction.atomic():
        row = Post.objects.create(kind=kind, text=text.strip(), key=secrets.token_hex(16), by=by, at=at)
        due_at = at + timedelta(seconds=force.policy_at(at).policy.social.approve_s)
        duties.owe(kind="approve_post", subject=("post", row.pk), owner=FIRST, due_at=due_at, by=by, at=at)
        facts.tell(told.PostWritten(post=row.pk, kind=kind, digest=digest.of(row.secret, row.text)), by=by, at=at)
        return row


def approve(*, post: int, answer: str, has_read: bool, seen: Collection[str], by: str, at: datetime) -> Post:
    """Let it go out. `seen`: the warnings that stood before whoever approves it.

    Raises Refused for whoever wrote it; Invalid unless every warning was seen, and it is said why it may go out so.
    """
    with transaction.atomic():
        row = _open(post, by)
        (row.warned,) = queries.warnings([row.text], at=at)  # anew: somebody may have rung since it was written
        if not has_read:
            raise Invalid(has_read="Say that you have read it and that nothing in it lets anybody tell who a victim is.")
        if new := [rules.WARNINGS[code] for code in row.warned if code not in seen]:
            raise Invalid(answer=f"Since you opened this page: {' '.join(new)} Open it again, and look.")
        if row.warned:
            says = "Say why it may go out although these warnings stand there"
            answer = written(answer, field="answer", says=says, least=force.policy_at(at).policy.social.min_reason, most=1000)
        _answer(row, is_approved=True, answer=answer, by=by, at=at)
        sealed = digest.of(row.secret, row.text, row.answer)
        facts.tell(told.PostApproved(post=row.pk, warned=row.warned, digest=sealed), by=by, at=at)
        actions.defer("post", row.pk)
        return row


def decline(*, post: int, answer: str, by: str, at: datetime) -> Post:
    """It does not go out, because …. To change it is to write another one."""
    with transaction.atomic():
        row = _open(post, by)
        says = "Say what is wrong with it"
        answer = written(answer, field="answer", says=says, least=force.policy_at(at).policy.social.min_reason, most=1000)
        _answer(row, is_approved=False, answer=answer, by=by, at=at)
        facts.tell(told.PostDeclined(post=row.pk, digest=digest.of(row.secret, row.answer)), by=by, at=at)
        return row


def withdraw(*, post: int, because: str, by: str, at: datetime) -> Post:
    """Take it back: what has not gone out does not, and what has is taken down. No second person is asked: every second counts."""
    with transaction.atomic():
        row = _locked(post)
        if row.withdrawn_at:
            raise Refused("It was withdrawn already.")
        if row.state == "declined":
            raise Refused("It was declined: it never went out.")
        policy = force.policy_at(at).policy.social
        row.because = written(because, field="because", says="Say why it is withdrawn", least=policy.min_reason, most=1000)
        row.withdrawn_at, row.withdrawn_by = at, by
        if not row.may_stand:
            row.taken_down_at = at
        row.save(update_fields=["because", "withdrawn_at", "withdrawn_by", "taken_down_at"])
        duties.settle("approve_post", subject=("post", row.pk), by=by, at=at)
        sealed = digest.of(row.secret, row.because)
        facts.tell(told.PostWithdrawn(post=row.pk, was_sent=row.may_stand, digest=sealed), by=by, at=at)
        if row.may_stand:
            due_at = at + timedelta(seconds=policy.take_down_s)
            duties.owe(kind="take_down", subject=("post", row.pk), owner=by, due_at=due_at, by=by, at=at)
            actions.defer("down", row.pk)
        return row


def taken_down(*, post: int, by: str, at: datetime) -> Post:
    """It stands nowhere any more: the gateway says so, or a person who looked. A second time changes nothing."""
    with transaction.atomic():
        row = _locked(post)
        if row.withdrawn_at is None:
            raise Refused("Withdraw it first, and say why.")
        if row.is_under_way and row.taken_down_at is None:
            raise Refused("It is being handed over at this moment, and may come to stand there yet: look again in a minute.")
        if row.taken_down_at is None:
            row.taken_down_at, row.doubted_at = at, None
            row.save(update_fields=["taken_down_at", "doubted_at"])
            duties.settle("take_down", "sent_or_not", subject=("post", row.pk), by=by, at=at)
            facts.tell(told.PostTakenDown(post=row.pk), by=by, at=at)
        return row


def not_taken_down(*, post: int, at: datetime) -> int:
    """The gateway did not take it down. Returns in how many seconds it is asked again, 0 for never: then a person has to."""
    with transaction.atomic():
        row = _locked(post)
        row.down_tries += 1
        row.save(update_fields=["down_tries"])
        return 0 if row.down_tries >= sending.TRIES else sending.wait_s(row.down_tries)


def climb(fact: Told) -> None:
    """Reaction: nobody answered, or nobody saw to it that it is gone, in time. Whoever is next has it now."""
    duties.climb(fact, "approve_post", to=HIGHER, by=actions.BY)
    duties.climb(fact, "take_down", to=FIRST, by=actions.BY)


def _open(post: int, by: str) -> Post:
    row = _locked(post)
    is_open = row.answered_at is None and row.withdrawn_at is None
    if problem := rules.may_answer(written_by=row.by, by=by, is_open=is_open):
        raise Refused(problem)
    return row


def _answer(row: Post, *, is_approved: bool, answer: str, by: str, at: datetime) -> None:
    row.answered_by, row.answered_at, row.is_approved, row.answer = by, at, is_approved, answer.strip()[:1000]
    row.save(update_fields=["answered_by", "answered_at", "is_approved", "answer", "warned"])
    duties.settle("approve_post", subject=("post", row.pk), by=by, at=at)


def _locked(post: int) -> Post:
    return Post.objects.select_for_update(of=("self",)).get(pk=post)
