"""What do machines and we say to each other? Every limit is in the schema; what is not in the schema is refused.

An unknown field is refused rather than passed over: a mistyped `safe_contact` must not become "unknown" without a word.
"""

from datetime import date, datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import ConfigDict, Field, StrictBool, StringConstraints

from watchroom.contacts.actions import MAX_TEXT
from watchroom.foundation.wire import Number, Time, words

HIGHEST = 2**63 - 1  # of an id


Id = Annotated[int, Field(ge=1, le=HIGHEST)]


class Strict(Schema):
    model_config = ConfigDict(extra="forbid")


class Problem(Schema):
    problem: str = Field(description="What was wrong and what to do, as a sentence.")
    fields: dict[str, str] = Field(description="The same by field, for the fields it is about.")


# --- contacts -------------------------------------------------------------------------------------------------------


class LocatedIn(Strict):
    """Where the handset or the line is, as the network says."""

    latitude: Annotated[Number, Field(ge=-90, le=90)]
    longitude: Annotated[Number, Field(ge=-180, le=180)]
    radius: Annotated[Number, Field(gt=0, le=100_000, description="Metres within which it is.")]
    method: Literal["aml", "eisec", "other"]


class ContactIn(Strict):
    """Somebody got in touch. Only the channel must be known."""

    channel: Literal["999", "101", "online", "chat", "email", "answerphone", "counter"]
    text: words(MAX_TEXT) = ""  # type: ignore[valid-type]
    caller_number: words(40) = Field("", description="In any notation; empty when withheld.")  # type: ignore[valid-type]
    caller_name: words(120) = ""  # type: ignore[valid-type]
    caller_email: words(200) = ""  # type: ignore[valid-type]
    place_said: words(200) = Field("", description="Where, in the caller's own words.")  # type: ignore[valid-type]
    place_reference: words(24) = Field("", description="A place of this force's gazetteer: its UPRN or number.")  # type: ignore[valid-type]
    located: LocatedIn | None = None
    safe_contact: Literal["any", "some", "no", "unknown"] = Field(
        "unknown", description="May we contact them? Nothing but any or some is ever taken for yes."
    )
    safe_ways: Annotated[list[Literal["call", "text", "email"]], Field(max_length=3)] = []
    safe_times: words(200) = ""  # type: ignore[valid-type]
    may_leave_message: StrictBool = False
    transferred_at: Time | None = Field(
        None, description="When the operator transferred it: its clock starts there. Without it, now. At most 31 days ago."
    )
    call_key: words(64) = Field("", description="The channel's own id of the call.")  # type: ignore[valid-type]
    marks: Annotated[
        list[Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_]*$", max_length=40)]], Field(max_length=4)
    ] = Field(
        [],
        description="Ways and languages of this force's policy: text_relay, bsl_relay, welsh. An unknown one is kept as a line.",
    )


class MessageIn(Strict):
    """A message was left in a box of the answerphone; the recording is sent beside it, as `recording`."""

    box: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_]*$", max_length=40)] = Field(
        description="A box of this force's policy."
    )
    left_at: Time | None = Field(None, description="When it was left, with its zone. Without it, now. At most 31 days ago.")
    caller_number: words(40) = Field("", description="In any notation; empty when withheld.")  # type: ignore[valid-type]
    seconds: Annotated[int, Field(ge=0, le=3600)] | None = Field(None, description="How long it lasts.")
    transcript: words(19_000) = Field("", description="What a machine made of it, if one did. It is marked as unchecked.")  # type: ignore[valid-type]
    call_key: words(64) = Field("", description="The channel's own id of the call.")  # type: ignore[valid-type]


class TextIn(Strict):
    """A text to 999 (emergencySMS), as the gateway received it."""

    number: words(40) = Field(description="The number it came from, in any notation.")  # type: ignore[valid-type]
    text: words(MAX_TEXT)  # type: ignore[valid-type]


class TextOut(Schema):
    id: int
    number: str
    text: str
    at: datetime


class Texts(Schema):
    items: list[TextOut]
    next: int | None = Field(description="`after` of the following page; null when this was the last.")


class Received(Schema):
    id: int
    reference: str
    state: str
    received_at: datetime
    repeated: bool = Field(description="True when this key had been received before; nothing happened twice.")


class PlaceOut(Schema):
    reference: str
    label: str
    locality: str
    beat: str
    latitude: float
    longitude: float


class LineOut(Schema):
    at: datetime
    written_at: datetime
    text: str
    origin: str


class ContactShort(Schema):
    """A contact without anything about a person."""

    id: int
    reference: str
    channel: str
    state: str
    transferred_at: datetime
    received_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    wrapped_at: datetime | None
    incident: int | None


class ContactOut(ContactShort):
    number: int
    day: date
    caller_number: str
    caller_name: str
    caller_email: str
    place: PlaceOut | None
    place_said: str
    safe_contact: str
    safe_ways: list[str]
    safe_times: str
    may_leave_message: bool
    way: str = Field(description="What stands between them and us, such as text_relay; empty for nothing.")
    language: str = Field(description="What they speak; empty for English, and while nobody said.")
    lines: list[LineOut]


class Contacts(Schema):
    items: list[ContactShort]
    next: int | None = Field(description="`after` of the following page; null when this was the last.")


# --- incidents ------------------------------------------------------------------------------------------------------


class IncidentShort(Schema):
    """An incident without anything about a person."""

    id: int
    reference: str
    day: date
    state: str
    kind: str
    grade: str
    opened_at: datetime
    graded_at: datetime | None
    attend_by: datetime | None
    attended_at: datetime | None
    closed_at: datetime | None


class IncidentOut(IncidentShort):
    headline: str
    place: PlaceOut | None
    place_said: str
    opening_category: str
    closing_category: str
    qualifiers: list[str]
    result: str
    contacts: list[int]
    log: list[LineOut]


class Incidents(Schema):
    items: list[IncidentShort]
    next: int | None = Field(description="`after` of the following page; null when this was the last.")
