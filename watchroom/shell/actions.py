"""How is what someone types kept before it is sent? A draft is not a fact: it tells nothing, and it may be thrown away."""

from datetime import datetime

from watchroom.foundation.models import Draft

LONGEST = 20_000  # characters; a log line is rarely more than 300


class TooLong(ValueError):
    """The draft holds more than LONGEST characters. The words are still on the writer's own machine."""


def keep_draft(*, member: int, key: str, text: str, at: datetime) -> Draft:
    """Keep these words as `member`'s draft under `key`; a later call replaces them. Raises TooLong, or ValueError for a zero byte."""
    if "\0" in text:
        raise ValueError("A text holds no zero byte.")
    if len(text) > LONGEST:
        raise TooLong(f"A draft may hold {LONGEST} characters; this one has {len(text)}.")
    draft, _ = Draft.objects.update_or_create(member=member, key=key, defaults={"text": text, "at": at})
    return draft


def forget_draft(*, member: int, key: str) -> None:
    """Throw this draft away: it was sent, or its writer emptied it. Forgetting twice is no error."""
    Draft.objects.filter(member=member, key=key).delete()
