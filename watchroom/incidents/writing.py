"""Whose screens show that somebody is writing? A draft's key says on which log; every page of the same log shows it."""

import re
from datetime import datetime
from typing import Any

from watchroom.foundation import access
from watchroom.incidents import queries

LINE = re.compile(r"contact:([0-9]{1,18}):line").fullmatch  # a handler's line
NOTE = re.compile(r"incident:([0-9]{1,18}):note").fullmatch  # a line from another desk


def topics(*, key: str, member: Any, at: datetime) -> tuple[str, ...]:
    """The topics of the live stream under which the log of this draft is shown; none for a draft that is no line of a log.

    And none for somebody who may not write there or has not opened the record: nobody can appear on a log that they do not read.
    """
    line, note = LINE(key), NOTE(key)
    if line and member.may("contacts.write"):
        contact = int(line[1])
        if not access.still_open([("contact", contact)], by=member.code, at=at):
            return ()
        incident = queries.of_contact(contact)
        return _of_log(incident.pk) if incident else (f"contact-{contact}",)
    if note and member.may("incidents.write"):
        number = int(note[1])
        return _of_log(number) if access.still_open([("incident", number)], by=member.code, at=at) else ()
    return ()


def _of_log(incident: int) -> tuple[str, ...]:
    contacts = queries.contacts_of(incident).values_list("pk", flat=True)
    return (f"log-{incident}", *(f"contact-{pk}" for pk in contacts))
