"""What a gateway to a platform and we say to each other: `watchroom-social/1`. Every limit stands here; what does not is refused."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

NAME = "watchroom-social/1"
MOST_BYTES = 256 * 1024


_WITHOUT_NUL = r"^[^\x00]*$"
_Code = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z0-9_-]{1,20}$")]
_Id = Annotated[str, StringConstraints(strict=True, pattern=r"^[!-~]{1,120}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Sender(_Strict):
    account: Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=_WITHOUT_NUL)]  # as the platform names it
    name: Annotated[str, StringConstraints(max_length=120, pattern=_WITHOUT_NUL)] = ""


class Message(_Strict):
    """One message to the force, as the gateway received it."""

    protocol: Literal["watchroom-social/1"]
    platform: _Code
    id: _Id  # of the platform, the same whenever the message is sent again
    conversation: _Id
    sender: Annotated[Sender, Field(alias="from")]
    text: Annotated[str, StringConstraints(max_length=18_000, pattern=_WITHOUT_NUL)]
    sent_at: AwareDatetime
    public: bool = False  # written where everybody can read it
    files: Annotated[int, Field(ge=0, le=1000)] = 0  # pictures and the like, which stay on the platform


class Unreadable(ValueError):
    """`fields` names what is wrong; nothing of what was sent is in it."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


def read(body: bytes) -> Message:
    """Raises Unreadable."""
    try:
        return Message.model_validate_json(body)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        known = {"from", "account", "name", *(field.alias or name for name, field in Message.model_fields.items())}
        fields = {
            ".".join(str(part) if part in known else "unknown" for part in each["loc"]) or "body": "Not as the protocol says."
            for each in problems
        }
        raise Unreadable(fields) from None


def reply(*, key: str, force: str, platform: str, conversation: str, account: str, text: str, at: datetime) -> dict[str, Any]:
    """To one account, where nobody else reads it, whatever the message was that it answers."""
    to = {"platform": platform, "conversation": conversation, "account": account, "private": True}
    return {"protocol": NAME, "kind": "reply", "key": key, "force": force, "to": to, "text": text, "written_at": at.isoformat()}


def post(*, key: str, force: str, kind: str, text: str, at: datetime) -> dict[str, Any]:
    """To everybody."""
    return {"protocol": NAME, "kind": "post", "key": key, "force": force, "as": kind, "text": text, "written_at": at.isoformat()}
