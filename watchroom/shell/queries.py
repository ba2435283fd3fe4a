"""What has this person typed and not yet sent?"""

from watchroom.foundation.models import Draft


def draft(*, member: int, key: str) -> Draft | None:
    """Their own draft under this key; nobody else's is ever found."""
    return Draft.objects.filter(member=member, key=key).first()
