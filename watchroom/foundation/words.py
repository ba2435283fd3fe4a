"""Has somebody written enough to be understood by another, and nothing that cannot be kept?"""

from watchroom.foundation.errors import Invalid


def written(text: str, *, field: str, says: str, least: int, most: int) -> str:
    """The words without the space around them. `least` counts letters and digits, `most` all characters.

    Raises Invalid for `field`: `says` (what to write) and how much of it.
    """
    text = text.strip()
    if sum(map(str.isalnum, text)) < least:
        raise Invalid(**{field: f"{says}, in at least {least} letters."})
    if len(text) > most or "\0" in text:
        raise Invalid(**{field: f"Up to {most:,} ordinary characters fit here."})
    return text
