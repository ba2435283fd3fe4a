"""The machines' door for positions: `POST /api/v1/locations`, with a token that may `locations.receive`."""

from typing import Annotated, Any

from ninja import Body, Schema, Status
from ninja.decorators import decorate_view
from pydantic import ConfigDict, Discriminator, Field, StringConstraints, Tag

from watchroom.api import actions as machines
from watchroom.api import door
from watchroom.api.door import Caller
from watchroom.api.rest import ALWAYS, Key, api, needs
from watchroom.api.schemas import Problem
from watchroom.foundation.wire import WITHOUT_NUL
from watchroom.links.eisec_aml import actions, aml, eisec

NUMBER = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=40, pattern=WITHOUT_NUL)]
TEXT = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=aml.LONGEST, pattern=WITHOUT_NUL)]


class TextIn(Schema):
    """A handset's text (AML), as the gateway received it, and the number it came from."""

    model_config = ConfigDict(extra="forbid", populate_by_name=False)
    sms: TEXT = Field(description='The text from `A"ML=1;` on, as it came.')
    from_: NUMBER = Field(alias="from", description="The number, in any notation.")


class LocationOut(Schema):
    matched: int = Field(
        description="Calls that it is about: on the line now, or just ended. Two, where two calls have this number."
    )
    kept: bool = Field(description="No call yet: it waits for one for some minutes, and is then thrown away.")
    says_where: bool = Field(description="False when the handset found no position.")
    repeated: bool = Field(description="True when this key had been received before; nothing happened twice.")


def _kind(body: Any) -> str:
    said = body if isinstance(body, dict) else vars(body) if hasattr(body, "__dict__") else {}
    return "=aml" if "sms" in said or "from" in said else "=eisec"


LocationIn = Annotated[
    Annotated[TextIn, Tag("=aml")] | Annotated[eisec.Record, Tag("=eisec")],
    Discriminator(_kind),
]


@api.post(
    "locations",
    response={202: LocationOut, 400: Problem, 409: Problem, 415: Problem, **ALWAYS},
    operation_id="receive_location",
    summary="The network or the handset says where a caller is",
)
@decorate_view(door.takes(), door.only_json)
def receive_location(request: Caller, body: Body[LocationIn], key: Key) -> Status:
    """A text of a handset (AML) or a record of the network (EISEC). Matched by number to the call it is about, and never more than
    a suggestion there. Answers 202: it was taken, and is shown to whoever has the call."""
    needs(request, "locations.receive")

    def hear() -> dict[str, Any]:
        by = f"link:{request.token.name}"
        if isinstance(body, TextIn):
            heard = actions.hear_text(text=body.sms, number=body.from_, at=request.at, by=by)
        else:
            heard = actions.hear_record(record=body, at=request.at, by=by)
        return {"matched": heard.matched, "kept": heard.is_kept, "says_where": heard.has_point}

    answer, repeated = machines.once(token=request.token, key=key, name="api.locations.receive", body=body, do=hear)
    return Status(202, {**answer, "repeated": repeated})
