"""How is a code that opens somebody's door kept, so that it is in no list, title, log or copy of the database?

It is sealed with a key of the installation's own secret; nothing but `of` opens it, one at a time, for somebody who may, and the
room that shows it writes the access entry. A copy of the database opens no door; neither does it once the secret was changed.
"""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from watchroom.foundation import scope
from watchroom.foundation.errors import Invalid, Refused
from watchroom.identity.models import AccessCode, Marker

NONCE = 12  # bytes, as AES-GCM wants it; a new one each time
LONGEST = 40


def keep(marker: Marker, code: str) -> None:
    """Raises Invalid for an empty or too long one, and where the flag's own words would give it away."""
    code = code.strip()
    if not code or len(code) > LONGEST or not code.isprintable():
        raise Invalid(code=f"Write the code, up to {LONGEST} signs.")
    if code.casefold() in f"{marker.title} {marker.text} {marker.source}".casefold():
        raise Invalid(code="The code stands in the words of the flag too, where everybody reads it. Take it out there.")
    nonce = os.urandom(NONCE)
    sealed = nonce + AESGCM(_key()).encrypt(nonce, code.encode(), _bound_to(marker.pk))
    AccessCode.objects.create(marker=marker, sealed=sealed)


def of(marker: int) -> str:
    """The code itself, for the one screen that asks. Raises Refused where there is none, or it cannot be opened any more."""
    row = AccessCode.objects.filter(marker_id=marker, marker__removed_at=None).first()
    if row is None:
        raise Refused("No code is held here any more.")
    sealed = bytes(row.sealed)
    try:
        return AESGCM(_key()).decrypt(sealed[:NONCE], sealed[NONCE:], _bound_to(marker)).decode()
    except InvalidTag:
        raise Refused("This code cannot be opened: the installation's secret was changed since. Ask for it anew.") from None


def destroy(marker: int) -> None:
    AccessCode.objects.filter(marker_id=marker).delete()


def _bound_to(marker: int) -> bytes:
    """A sealed code that is put beside another flag opens nothing."""
    return f"{scope.require()} {marker}".encode()


def _key() -> bytes:
    return hmac.new(settings.SECRET_KEY.encode(), b"access codes", hashlib.sha256).digest()
