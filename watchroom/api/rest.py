"""The REST interface: which operations are there? `GET /api/v1/openapi.json` says all of it to machines.

A link adds its own operation to `api` when it starts (`links.eisec_aml.door`): one door, one description.
"""

from typing import Annotated, Any, Literal

from django.http import Http404, HttpRequest, HttpResponse
from ninja import File, Form, Header, NinjaAPI, Path, Query, Status, UploadedFile
from ninja.decorators import decorate_view
from ninja.errors import HttpError, ValidationError
from ninja.security import HttpBearer

from watchroom.api import actions, door, queries
from watchroom.api.door import Caller
from watchroom.api.models import Token
from watchroom.api.schemas import (
    HIGHEST,
    ContactIn,
    ContactOut,
    Contacts,
    IncidentOut,
    Incidents,
    MessageIn,
    Problem,
    Received,
    TextIn,
    Texts,
)
from watchroom.foundation import access
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.vault import Incoming


class Bearer(HttpBearer):
    """`Authorization: Bearer <force>.<secret>`; who comes this far has been let in at the door."""

    def authenticate(self, request: HttpRequest, token: str) -> Token | None:
        return getattr(request, "token", None)


api = NinjaAPI(
    title="Watchroom",
    version="1",
    description="Hand in contacts, and read contacts and incidents, of the one police force whose token you have.",
    urls_namespace="api",
    docs_url=None,  # its page loads scripts from elsewhere
    auth=Bearer(),
)

ALWAYS = {401: Problem, 403: Problem, 413: Problem, 422: Problem, 429: Problem}
ById = Annotated[int, Path(ge=1, le=HIGHEST, description="The id, as a list or a receipt named it.")]
After = Annotated[int, Query(ge=0, le=HIGHEST, description="Only what came after this id.")]
Limit = Annotated[int, Query(ge=1, le=200, description="At most so many.")]
Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[!-~]{1,100}$",
        description="Your own key of this contact, 1 to 100 visible ASCII characters. "
        "Send the same again after a lost answer: it counts once.",
    ),
]


def needs(request: Caller, permission: str) -> None:
    if permission not in request.token.permissions:
        raise HttpError(403, f"This token does not allow it ({permission}).")


def _disclosed(request: Caller, subject: tuple[str, int]) -> None:
    """Whose record left the house, to whom (DPA 2018 s.62)."""
    name = request.token.name
    access.log("disclosure", subject=subject, reason="Read over REST", by=f"link:{name}", at=request.at, recipient=name)


# --- contacts -------------------------------------------------------------------------------------------------------


@api.post(
    "contacts",
    response={200: Received, 201: Received, 400: Problem, 409: Problem, 415: Problem, **ALWAYS},
    operation_id="receive_contact",
    summary="Somebody got in touch",
)
@decorate_view(door.takes(), door.only_json)
def receive_contact(request: Caller, body: ContactIn, key: Key) -> Status:
    """Answers 201 the first time and 200 with `"repeated": true` after that; when it answers, the contact is kept for good."""
    needs(request, "contacts.receive")
    contact, repeated = actions.receive(token=request.token, key=key, body=body, at=request.at)
    return Status(200 if repeated else 201, queries.receipt(contact, repeated))


@api.post(
    "messages",
    response={200: Received, 201: Received, 400: Problem, 409: Problem, 415: Problem, **ALWAYS},
    operation_id="leave_message",
    url_name="leave_message",
    summary="Somebody left a message on the answerphone",
)
@decorate_view(door.takes())
def leave_message(request: Caller, said: Form[MessageIn], recording: File[UploadedFile], key: Key) -> Status:
    """The recording is WAV, Ogg or MP3, told by its first bytes. Answers as for a contact: the message is one, and owed a listener."""
    needs(request, "contacts.receive")
    known = {*MessageIn.model_fields, "recording"}
    if unknown := {name[:40]: "There is no such field." for name in (*request.POST, *request.FILES) if name not in known}:
        raise Invalid(**unknown)
    if not isinstance(recording, Incoming):
        raise HttpError(400, "")
    contact, repeated = actions.leave(token=request.token, key=key, body=said, recording=recording, at=request.at)
    return Status(200 if repeated else 201, queries.receipt(contact, repeated))


@api.post(
    "texts",
    response={200: Received, 201: Received, 400: Problem, 409: Problem, 415: Problem, **ALWAYS},
    operation_id="receive_text",
    summary="Somebody sent a text to 999",
)
@decorate_view(door.takes(), door.only_json)
def receive_text(request: Caller, body: TextIn, key: Key) -> Status:
    """A further text of the same number goes on in the contact that is open; each text has a key of its own."""
    needs(request, "texts.exchange")
    contact, repeated = actions.text(token=request.token, key=key, body=body, at=request.at)
    return Status(200 if repeated else 201, queries.receipt(contact, repeated))


@api.get("texts", response={200: Texts, **ALWAYS}, operation_id="fetch_texts", summary="What is to be sent to who texted 999")
@decorate_view(door.takes("after", "limit"))
def fetch_texts(request: Caller, after: After = 0, limit: Limit = 50) -> dict[str, Any]:
    """In the order in which they were written. The gateway keeps the last id it sent, and asks from there. Each is a disclosure."""
    needs(request, "texts.exchange")
    found = queries.texts(after=after, limit=limit)
    for contact in sorted({line.contact_id for line in found}):
        _disclosed(request, ("contact", contact))
    items = [{"id": line.pk, "number": line.contact.caller_number, "text": line.text, "at": line.at} for line in found]
    return {"items": items, "next": found[-1].pk if len(found) == limit else None}


@api.get("contacts", response={200: Contacts, **ALWAYS}, operation_id="list_contacts", summary="Contacts as they came")
@decorate_view(door.takes("after", "limit"))
def list_contacts(request: Caller, after: After = 0, limit: Limit = 50) -> dict[str, Any]:
    """Without anything about a person; read one contact for that. Nothing is passed over: ids follow the order of arrival."""
    needs(request, "contacts.see")
    return queries.contacts(after=after, limit=limit)


@api.get(
    "contacts/{contact}", response={200: ContactOut, 404: Problem, **ALWAYS}, operation_id="read_contact", summary="One contact"
)
@decorate_view(door.takes())
def read_contact(request: Caller, contact: ById) -> dict[str, Any]:
    """All that is known of it. Each reading is written down as a disclosure to this token."""
    needs(request, "contacts.see")
    found = queries.contact(contact)
    if found is None:
        raise Http404
    _disclosed(request, ("contact", contact))
    return found


# --- incidents ------------------------------------------------------------------------------------------------------


@api.get(
    "incidents",
    response={200: Incidents, **ALWAYS},
    operation_id="list_incidents",
    summary="Incidents as they were opened",
)
@decorate_view(door.takes("state", "after", "limit"))
def list_incidents(
    request: Caller, state: Literal["open", "closed"] | None = None, after: After = 0, limit: Limit = 50
) -> dict[str, Any]:
    """Without anything about a person; read one incident for that."""
    needs(request, "incidents.see")
    return queries.incidents(state=state, after=after, limit=limit)


@api.get(
    "incidents/{incident}",
    response={200: IncidentOut, 404: Problem, **ALWAYS},
    operation_id="read_incident",
    summary="One incident",
)
@decorate_view(door.takes())
def read_incident(request: Caller, incident: ById) -> dict[str, Any]:
    """With its place, its contacts and its log. Each reading is written down as a disclosure to this token."""
    needs(request, "incidents.see")
    found = queries.incident(incident)
    if found is None:
        raise Http404
    _disclosed(request, ("incident", incident))
    return found


# --- what went wrong ------------------------------------------------------------------------------------------------


@api.exception_handler(ValidationError)
def _not_valid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    fields = {_name(each["loc"]): str(each["msg"]).removeprefix("Value error, ") for each in error.errors}
    return door.problem(422, "Some of this cannot be used: " + ", ".join(fields) + ".", fields)


def _name(where: tuple[Any, ...]) -> str:
    """`("body", "body", "located", "radius")` is located.radius. Where a body may be of several kinds, `=aml` names the kind: left out."""
    parts = [str(part) for part in where if not str(part).startswith("=")]
    return ".".join(parts[2:] if parts[0] == "body" else parts[1:]) or parts[0]


@api.exception_handler(Invalid)
def _invalid(request: HttpRequest, error: Invalid) -> HttpResponse:
    return door.problem(422, " ".join(error.problems), error.fields)


@api.exception_handler(Refused)
def _refused(request: HttpRequest, error: Refused) -> HttpResponse:
    return door.problem(409, " ".join(error.problems))


@api.exception_handler(Http404)
def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return door.problem(404, "This force has none with this id.")


@api.exception_handler(HttpError)
def _failed(request: HttpRequest, error: HttpError) -> HttpResponse:
    says = str(error) if error.status_code == 403 else ""
    return door.problem(error.status_code, says)
