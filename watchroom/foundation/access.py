"""Whose data was looked at, by whom, and why? (DPA 2018 s.62)

Logs may be used only to verify lawfulness, for self-monitoring, integrity and security, and criminal proceedings. The
application's own role cannot read them back. For a member of staff who audits, `read` puts on the auditor's role for the
length of one query, and is the only place that does; each such look is an entry itself.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg
from django.conf import settings
from django.db import ProgrammingError, connection, transaction
from django.db.models import Q

from watchroom.foundation import memory, scope
from watchroom.foundation.errors import Refused
from watchroom.foundation.models import Opened

KINDS = ("collection", "alteration", "consultation", "disclosure", "combination", "export", "erasure")
LONGEST_REASON = 200  # characters, as the column is wide
AGAIN = timedelta(minutes=15)  # after so long without a look or an open screen, the next look is another consultation
RENEW = timedelta(minutes=1)  # a look sooner than this after the last is not even noted: most panels of a page cost no write
HELD = timedelta(hours=12)  # a shift: so long may a screen that was away come back and follow what it had opened

Subject = tuple[str, int]

#: Asked before each new look at a record: (subject, by, at). One may raise, and the record is not shown (`identity.misuse`).
watchers: list[Callable[[Subject, str, datetime], None]] = []
LOOKS = ("consultation", "disclosure", "export")


def log(
    kind: str, *, subject: tuple[str, int], reason: str, by: str, at: datetime, recipient: str = "", is_watched: bool = False
) -> None:
    """One entry; a reason that is too long is cut. `is_watched`: whoever must be asked before a look was asked.

    Opening a record or a search result is a consultation; a live refresh of what is open is not a second one (`consult`).
    """
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is none of {', '.join(KINDS)}")
    if kind in LOOKS and not is_watched:
        for watch in watchers:
            watch(subject, by, at)
    # not by the model: its `returning id` would need the right to read what was written
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into foundation_access(force, kind, subject_kind, subject_id, by, recipient, reason, at)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s)",
            [scope.require(), kind, *subject, by, recipient, _short(reason), at],
        )


def _short(reason: str) -> str:
    text = reason.replace("\0", "")
    return text if len(text) <= LONGEST_REASON else text[: LONGEST_REASON - 1] + "…"


@memory.while_reading  # each panel of a page says it
def consult(*, subject: Subject, reason: str, by: str, at: datetime) -> None:
    """`by` looks at this record: an entry, unless they have it open. What opens a page, a panel or a refresh all say this.

    Open means looked at within the last quarter of an hour, or on a screen that follows it live (`still_open`).
    """
    mine = Opened.objects.filter(by=by, subject_kind=subject[0], subject_id=subject[1])
    seen_at = mine.values_list("seen_at", flat=True).first()
    if seen_at is None or seen_at <= at - AGAIN:
        for watch in watchers:  # before it is noted as open
            watch(subject, by, at)
    if seen_at is None:
        _, is_new = mine.get_or_create(defaults={"seen_at": at}, by=by, subject_kind=subject[0], subject_id=subject[1])
    elif seen_at > at - RENEW:
        return
    else:
        is_new = mine.filter(seen_at__lte=at - AGAIN).update(seen_at=at) == 1  # of two at once, one finds it so
        if not is_new:
            mine.filter(seen_at__lt=at).update(seen_at=at)
    if is_new:
        log("consultation", subject=subject, reason=reason, by=by, at=at, is_watched=True)


def still_open(subjects: Iterable[Subject], *, by: str, at: datetime) -> frozenset[Subject]:
    """Which of these `by` has looked at in this shift; a screen shows them still, so the next look at them is no other one.

    The live stream asks when a screen comes and once a minute. It never waits for a lock.
    """
    wanted = set(subjects)
    if not wanted:
        return frozenset()
    any_of = Q()
    for kind, number in wanted:
        any_of |= Q(subject_kind=kind, subject_id=number)
    mine = Opened.objects.filter(any_of, by=by, seen_at__gt=at - HELD)
    found = frozenset(mine.values_list("subject_kind", "subject_id"))
    stale = mine.filter(seen_at__lt=at - RENEW).select_for_update(skip_locked=True)
    Opened.objects.filter(pk__in=list(stale.values_list("pk", flat=True))).update(seen_at=at)
    return found


def ask_anew(*, by: str = "") -> None:
    """What is open counts as closed, of this member or of all: whether it may be looked at has changed, and the next look asks for it."""
    Opened.objects.filter(**({"by": by} if by else {})).delete()


def forget_opened(*, at: datetime) -> int:
    """Throw away the notes of records that nobody has open any more. The entries of the log stay."""
    return Opened.objects.filter(seen_at__lt=at - 2 * HELD).delete()[0]


@dataclass(frozen=True)
class Entry:
    id: int
    kind: str
    subject: tuple[str, int]
    by: str
    recipient: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class Found:
    """What was found, the newest first; `total` counts also what `limit` left out. `members` are all who appear in the time asked for."""

    entries: tuple[Entry, ...]
    total: int
    members: tuple[str, ...]


def read(
    *,
    since: datetime,
    until: datetime,
    by: str,
    at: datetime,
    member: str = "",
    kind: str = "",
    subject: tuple[str, int] | None = None,
    limit: int = 500,
) -> Found:
    """The entries of the force in scope between two times, by these filters. Looking is itself an entry, written first.

    Raises Refused when the database does not let the application put on the auditor's role. Row-level security confines the
    auditor to the force in scope as it does everybody.
    """
    asked = [f"{since:%Y-%m-%d %H:%M}–{until:%Y-%m-%d %H:%M}", member, kind, " ".join(map(str, subject or ()))]
    log("consultation", subject=("access", 0), reason="audit: " + ", ".join(filter(None, asked)), by=by, at=at)
    wanted: dict[str, str | int | datetime] = {
        "force": scope.require(),
        "since": since,
        "until": until,
        "member": member,
        "kind": kind,
        "limit": limit,
    }
    wanted["subject_kind"], wanted["subject_id"] = subject or ("", 0)
    where = """from foundation_access where force = %(force)s and at >= %(since)s and at < %(until)s
        and (%(member)s = '' or "by" = %(member)s) and (%(kind)s = '' or kind = %(kind)s)
        and (%(subject_kind)s = '' or (subject_kind = %(subject_kind)s and subject_id = %(subject_id)s))"""
    try:
        # a savepoint: should a query fail, going back to it also takes the role off again
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"set local role {settings.WATCHROOM_AUDITOR_ROLE}")
            cursor.execute(
                f'select id, kind, subject_kind, subject_id, "by", recipient, reason, at {where} order by at desc, id desc limit %(limit)s',
                wanted,
            )
            entries = tuple(
                Entry(pk, what, (about, number), who, recipient, reason, when)
                for pk, what, about, number, who, recipient, reason, when in cursor.fetchall()
            )
            cursor.execute(f"select count(*) {where}", wanted)
            total = cursor.fetchone()[0]
            cursor.execute(
                'select distinct "by" from foundation_access where force = %(force)s and at >= %(since)s and at < %(until)s order by 1',
                wanted,
            )
            members = tuple(code for (code,) in cursor.fetchall())
            cursor.execute("set local role none")
    except ProgrammingError as error:
        if not isinstance(error.__cause__, psycopg.errors.InsufficientPrivilege):
            raise
        problem = "The database does not let Watchroom read as the auditor. Let its administrator say:"
        raise Refused(f"{problem} grant {settings.WATCHROOM_AUDITOR_ROLE} to {settings.WATCHROOM_APP_ROLE}") from None
    return Found(entries, total, members)
