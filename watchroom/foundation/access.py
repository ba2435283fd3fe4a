"""Whose data was looked at, by whom, and why? (DPA 2018 s.62)

Logs may be used only to verify lawfulness, for self-monitoring, integrity and security, and criminal proceedings:
the application cannot read them back; only the auditor's role can.
"""

from datetime import datetime

from watchroom.foundation.models import Access

KINDS = ("collection", "alteration", "consultation", "disclosure", "combination", "export", "erasure")


def log(kind: str, *, subject: tuple[str, int], reason: str, by: str, at: datetime, recipient: str = "") -> None:
    """One entry. Opening a record or a search result is a consultation; a live refresh of what is open is not a second one."""
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is none of {', '.join(KINDS)}")
    entry = Access(kind=kind, subject_kind=subject[0], subject_id=subject[1], reason=reason, by=by, at=at, recipient=recipient)
    # `returning id` would need the right to read what was written
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "insert into foundation_access(force, kind, subject_kind, subject_id, by, recipient, reason, at)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s)",
            [entry.force, kind, entry.subject_kind, entry.subject_id, by, recipient, reason, at],
        )
