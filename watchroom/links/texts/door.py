"""The gateway's door: `GET /api/v1/telephone-texts` and `PUT /api/v1/telephone-texts/<key>`, with a token that may `texts.send`."""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Body, Path, Schema
from ninja.decorators import decorate_view
from ninja.errors import HttpError
from pydantic import ConfigDict

from watchroom.api import door
from watchroom.api.door import Caller
from watchroom.api.rest import ALWAYS, api, needs
from watchroom.api.schemas import Problem
from watchroom.links.texts import actions

Key = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="The key of the text, as it was fetched.")]


class ToSend(Schema):
    key: str
    number: str
    text: str
    at: datetime


class ToSendAll(Schema):
    items: list[ToSend]


class Went(Schema):
    model_config = ConfigDict(extra="forbid")

    state: Literal["taken", "sent", "delivered", "failed"]


class Stands(Schema):
    state: str


@api.get(
    "telephone-texts",
    response={200: ToSendAll, **ALWAYS},
    operation_id="fetch_telephone_texts",
    summary="What is to be sent to a caller’s telephone now",
)
@decorate_view(door.takes())
def fetch(request: Caller) -> dict[str, Any]:
    """Ask every few seconds: without a gateway that asks, nobody is promised a text. Say `taken` before you send: what was not said to
    be taken is given out again for five minutes, then dropped. Each is a disclosure."""
    needs(request, "texts.send")
    by = f"link:{request.token.name}"
    return {
        "items": [
            {"key": one.key, "number": one.number, "text": one.text, "at": one.at} for one in actions.fetch(by=by, at=request.at)
        ]
    }


@api.put(
    "telephone-texts/{key}",
    response={200: Stands, 400: Problem, 404: Problem, 415: Problem, **ALWAYS},
    operation_id="tell_telephone_text",
    summary="What became of one",
)
@decorate_view(door.takes(), door.only_json)
def tell(request: Caller, key: Key, body: Body[Went]) -> dict[str, Any]:
    """The answer says how it stands. `dropped` after `taken`: do not send it. What has ended stays as it ended."""
    needs(request, "texts.send")
    row = actions.hear(key=key, said=body.state, by=f"link:{request.token.name}", at=request.at)
    if row is None:
        raise HttpError(404, "")
    return {"state": row.state}
