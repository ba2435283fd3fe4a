"""What has this person typed and not yet sent?"""

from collections.abc import Collection

from watchroom.foundation.models import Draft


def drafts(*, member: int, about: str) -> dict[str, Draft]:
    """All their own drafts about one thing, by key: `about="contact:12"` finds `contact:12:line` and its like."""
    return {draft.key: draft for draft in Draft.objects.filter(member=member, key__startswith=f"{about}:")}


def kept(*, member: int, keys: Collection[str]) -> dict[str, Draft]:
    """Their own drafts under these keys, by key; in one query."""
    return {draft.key: draft for draft in Draft.objects.filter(member=member, key__in=keys)}


def draft(*, member: int, key: str) -> Draft | None:
    """Their own draft under this key; nobody else's is ever found."""
    return Draft.objects.filter(member=member, key=key).first()
