"""Which of these words does somebody's text hold?

Packs declare words and phrases as a practitioner writes them: `knife`, `kick* the door`. A `*` stands for any ending.
They match whole words in any case, across line breaks and through curly apostrophes. A word directly after a negation
("no knife") or before a denial ("knife? no", "weapons: none") does not count; a comma breaks the negation ("no, knife"), and
"no idea" denies nothing.
"""

import re
from collections.abc import Sequence
from functools import lru_cache


def heard(words: Sequence[str], text: str, negations: Sequence[str] = ()) -> tuple[str, ...]:
    """The pieces of `text` that match, as they were typed and in the order they came, each once."""
    plain = plainly(text)
    low = plain.lower()
    near = tuple(word for word in words if plainly(word).lower().split("*")[0] in low)  # most texts hold none: look cheaply first
    if not near:
        return ()
    found: dict[str, str] = {}
    for match in _pattern(near, tuple(negations)).finditer(plain):
        if match["word"]:
            found.setdefault(match["word"].lower(), match["word"])
    return tuple(found.values())


def plainly(text: str) -> str:
    """The text with straight apostrophes and single spaces."""
    return " ".join(text.replace("\u2019", "'").split())


_DENIED = r" ?[?:–-] ?(?:no(?! idea| clue)|none|nil)\b"


@lru_cache(maxsize=1024)
def _pattern(words: tuple[str, ...], negations: tuple[str, ...]) -> re.Pattern[str]:
    """A negated word is consumed by the first branch, so that it is not found by the second."""
    any_word = "|".join(sorted(map(_glob, words), key=len, reverse=True))
    negated = "|".join(map(_glob, negations))
    unheard = rf"\b(?:{negated}) (?:{any_word})\b|(?<!\w)(?:{any_word}){_DENIED}|" if negations else ""
    return re.compile(rf"{unheard}(?<![\w'])(?P<word>{any_word})(?!\w)", re.IGNORECASE)


def _glob(word: str) -> str:
    return re.escape(plainly(word)).replace(r"\*", r"\w*").replace(r"\ ", r" ")
