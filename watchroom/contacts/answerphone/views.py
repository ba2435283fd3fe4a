"""A message is played and listened to; for supervisors, which boxes are open and what nobody has heard yet."""

import re
from collections.abc import Iterator
from pathlib import Path

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from watchroom.contacts.answerphone import actions, queries
from watchroom.contacts.models import Message
from watchroom.contacts.views import find
from watchroom.foundation import access, clock, vault
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.shell import answers
from watchroom.staff import actions as staff

RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})").fullmatch


@needs("contacts.boxes")
@require_GET
def boxes(request: StaffRequest) -> HttpResponse:
    """Each box, open or closed and until when; and what nobody has listened to, the first due first. Names nobody."""
    at = clock.now()
    shown = queries.boxes(at=at)
    labels = {one.box.code: one.box.label for one in shown}
    unheard = [{"message": row, "box": labels.get(row.box, row.box)} for row in queries.unheard()]
    return render(request, "contacts/boxes.html", {"boxes": shown, "unheard": unheard, "now": at})


@needs("contacts.see")
@require_GET
def recording(request: StaffRequest, contact: int) -> HttpResponse:
    """The bytes of a message, whole or the part that a player asks for (RFC 9110 section 14). Playing it is a consultation."""
    found = _message(contact)
    kept = found.attachment
    size = kept.size
    asked = RANGE(request.headers.get("Range", ""))  # of several ranges, and of what is none, the whole is given
    is_part = asked is not None and asked[0] != "bytes=-"
    span = _span(asked[1], asked[2], size) if asked and is_part else (0, size - 1)
    if span is None:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    first, last = span
    if first == 0:
        reason = "played a message of the answerphone"
        access.log("consultation", subject=("contact", found.contact_id), reason=reason, by=request.user.code, at=clock.now())
    path = vault.read(kept.token, sha256=kept.sha256)
    response = StreamingHttpResponse(_bytes(path, first, last), status=206 if is_part else 200, content_type=kept.served_as)
    response["Content-Length"] = last - first + 1
    response["Accept-Ranges"] = "bytes"
    if is_part:
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
    response["Cache-Control"] = "no-store"
    vault.sealed_off(response)
    return response  # type: ignore[return-value]  # it streams, and to its types that is another kind of answer


@needs("contacts.take")
@require_POST
def listened(request: StaffRequest, contact: int) -> HttpResponse:
    """I have heard it: it is mine, and its risk is owed as of every contact."""
    found, at = _message(contact), clock.now()
    was_waiting = found.contact.state == found.contact.State.WAITING
    actions.listened(contact=found.contact_id, member=request.user, by=request.user.code, at=at)
    if was_waiting:
        staff.show_state(member=request.user, state="on_call", at=at)

    def part() -> HttpResponse:
        return render(request, "contacts/_message.html", {"contact": found.contact, "message": queries.of(found.contact_id)})

    return answers.done(request, part, "wr:contact", said="Listened to. Write down what was said.")


def _message(contact: int) -> Message:
    found = queries.of(find(contact).pk)
    if found is None:
        raise Http404
    return found


def _span(first: str, last: str, size: int) -> tuple[int, int] | None:
    """First and last byte of a range as it was asked for; None where it lies behind the end."""
    if not first:  # the last so many bytes
        return (max(0, size - int(last)), size - 1) if int(last) else None
    begin, end = int(first), min(int(last) if last else size - 1, size - 1)
    return (begin, end) if begin < size and begin <= end else None


def _bytes(path: Path, first: int, last: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(first)
        left = last - first + 1
        while left > 0 and (data := file.read(min(vault.CHUNK, left))):
            left -= len(data)
            yield data
