"""How is what someone types kept before it is sent? A draft is not a fact: it tells nothing, and it may be thrown away."""

from datetime import datetime, timedelta

from watchroom.foundation.models import Draft

LONGEST = 20_000  # characters; a log line is rarely more than 300
MOST = 200  # drafts of one member; a shift leaves a few dozen
STALE = timedelta(days=1)  # what nobody came back for in this time makes room when there are too many


class TooLong(ValueError):
    """The draft holds more than LONGEST characters. The words are still on the writer's own machine."""


class TooMany(ValueError):
    """The member has MOST drafts of the last day. The words are still on the writer's own machine."""


def keep_draft(*, member: int, key: str, text: str, at: datetime) -> Draft:
    """Keep these words as `member`’s draft under `key`, in place of earlier ones. Raises TooLong, TooMany; ValueError for a zero byte."""
    if "\0" in text:
        raise ValueError("A text holds no zero byte.")
    if len(text) > LONGEST:
        raise TooLong(f"A draft may hold {LONGEST} characters; this one has {len(text)}.")
    mine = Draft.objects.filter(member=member)
    if not mine.filter(key=key).exists() and mine.count() >= MOST:
        mine.filter(at__lt=at - STALE).delete()
        if mine.count() >= MOST:
            raise TooMany(f"{MOST} texts of yours wait here unsent. Send some of them, or empty them.")
    draft, _ = Draft.objects.update_or_create(member=member, key=key, defaults={"text": text, "at": at})
    return draft


def forget_draft(*, member: int, key: str, sent: str | None = None) -> None:
    """Throw this draft away: `sent` arrived, or its writer emptied it. Forgetting twice is no error.

    With `sent`, only while these are the words that are kept: others were typed since, in another window, and stay.
    """
    found = Draft.objects.filter(member=member, key=key)
    if sent is not None:
        kept = found.values_list("text", flat=True).first()
        if kept is None or _plain(kept) != _plain(sent):
            return
        found = found.filter(text=kept)
    found.delete()


def _plain(text: str) -> str:
    """As a form sends it: line ends are written otherwise there, and blanks around the words mean nothing."""
    return text.replace("\r\n", "\n").strip()
