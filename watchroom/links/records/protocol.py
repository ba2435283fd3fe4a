"""What is said to another system, and what of its answer is believed? The room's README says the same in words. Pure.

Nothing that comes is trusted: its size, its shape, each length and each character are checked before anything is kept, and an
answer that is wrong in one place is not used at all.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from watchroom.identity.research.rules import Came

VERSION = "watchroom-records/1"
MOST_BYTES = 262_144
MOST_RECORDS = 200  # in an answer; of these as many are taken as the policy says
_MARKUP = re.compile(r"<[a-z!/?]", re.IGNORECASE)
_BORN = re.compile(r"(18|19|20)\d\d(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


class Unreadable(ValueError):
    """The answer is none of ours. Says nothing of what stood in it."""


def _plain(text: str) -> str:
    """Words as people write them: no control or direction characters, no markup. Raises ValueError."""
    if any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn") for character in text):
        raise ValueError("characters that are no words")
    if _MARKUP.search(text):
        raise ValueError("markup")
    return " ".join(text.split())


def _born(text: str) -> str:
    """A date in full or in part, and one that exists. Raises ValueError."""
    if text and not _BORN.fullmatch(text):
        raise ValueError("no date of birth")
    if len(text) == 10:
        date.fromisoformat(text)
    return text


def _words(most: int) -> Any:
    return Annotated[str, Field(max_length=most), AfterValidator(_plain)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class Address(_Part):
    street: _words(120) = ""  # type: ignore[valid-type]
    town: _words(80) = ""  # type: ignore[valid-type]
    postcode: _words(10) = ""  # type: ignore[valid-type]


class Answered(_Part):
    """One record."""

    reference: _words(120)  # type: ignore[valid-type]
    given_name: _words(60) = ""  # type: ignore[valid-type]
    family_name: _words(60) = ""  # type: ignore[valid-type]
    born: Annotated[str, Field(max_length=10), AfterValidator(_born)] = ""
    numbers: Annotated[list[_words(24)], Field(max_length=10)] = []  # type: ignore[valid-type]
    addresses: Annotated[list[Address], Field(max_length=10)] = []
    flags: Annotated[list[_words(200)], Field(max_length=10)] = []  # type: ignore[valid-type]
    as_of: date | None = None


class Answer(_Part):
    records: Annotated[list[Answered], Field(max_length=MOST_RECORDS)]
    more: bool = False

    @model_validator(mode="after")
    def _each_once(self) -> "Answer":
        references = [one.reference for one in self.records]
        if "" in references or len(set(references)) < len(references):
            raise ValueError("references")
        return self


def question(*, key: str, force: str, by: str, purpose: str, sent: Mapping[str, str], most: int, at: datetime) -> dict[str, Any]:
    """What is sent. `by` is the code of who asks here, so that the other side can answer for its own log."""
    return {
        "protocol": VERSION, "request": key, "force": force, "asked_by": by, "asked_at": at.isoformat(), "purpose": purpose,
        "subject": dict(sent), "most": most,
    }  # fmt: skip


def read(body: bytes, *, most: int) -> tuple[list[Came], bool]:
    """(the records that are taken, whether there were more). Raises Unreadable."""
    try:
        answer = Answer.model_validate_json(body)
    except (ValidationError, RecursionError):
        raise Unreadable from None
    taken = answer.records[:most]
    return [_came(one) for one in taken], answer.more or len(answer.records) > len(taken)


def _came(one: Answered) -> Came:
    addresses: Sequence[dict[str, str]] = [
        {"street": address.street, "town": address.town, "postcode": address.postcode} for address in one.addresses
    ]
    return Came(
        external=one.reference, given_name=one.given_name, family_name=one.family_name, born=one.born,
        numbers=tuple(filter(None, one.numbers)), addresses=tuple(address for address in addresses if any(address.values())),
        flags=tuple(filter(None, one.flags)), as_of=one.as_of,
    )  # fmt: skip
