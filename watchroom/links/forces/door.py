"""The other force's door: `PUT /api/v1/handovers/<key>`, with a token that may `handovers.receive`."""

from typing import Annotated, Any

from ninja import Body, Path
from ninja.decorators import decorate_view

from watchroom.api import door
from watchroom.api.door import Caller
from watchroom.api.rest import ALWAYS, api, needs
from watchroom.api.schemas import Problem
from watchroom.foundation.errors import Invalid
from watchroom.referrals.forces import receiving
from watchroom.referrals.forces.document import Answer, Message

Crossing = Annotated[
    str, Path(pattern=r"^[0-9a-f]{32}$", description="The sender’s key of this handover: 32 hexadecimal digits.")
]


@api.put(
    "handovers/{key}",
    response={200: Answer, 400: Problem, 415: Problem, **ALWAYS},
    operation_id="take_handover",
    summary="Another force hands a contact over, asks how it stands, or takes it back",
)
@decorate_view(door.takes(), door.only_json)
def take_handover(request: Caller, key: Crossing, body: Body[Message]) -> Any:
    """Say the whole each time: `document`, and `is_recalled` once it is wanted back. The answer says how it stands with us, in full; ask
    again until `state` is no longer `waiting`. Accepted or declined is said by a named person; until then the risk is the sender’s."""
    needs(request, "handovers.receive")
    if body.key != key:
        raise Invalid(key="The key of the address is not that of the body.")
    if body.document is None and not body.is_recalled:
        raise Invalid(document="Send what is handed over.")
    return receiving.take(message=body, sender=f"link:{request.token.name}", at=request.at)
