"""Is this machine who it says, and what may it do?

A token is `<force>.<secret>`: the force comes first because a token can only be looked up within a force. The secret is
32 random bytes and is shown once; the database keeps its SHA-256, which is enough for a secret that nobody can guess.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from watchroom.api import facts as told
from watchroom.api.models import Token
from watchroom.foundation import facts, scope
from watchroom.foundation.errors import Invalid

PERMISSIONS = {
    "contacts.receive": "hand in contacts",
    "contacts.see": "read contacts",
    "texts.exchange": "hand in texts to 999, and fetch what is written back",
    "texts.send": "fetch texts to callers’ telephones, and say what became of them",
    "locations.receive": "hand in where callers are",
    "incidents.see": "read incidents",
    "handovers.receive": "hand contacts over, as another force",
}
LASTS = timedelta(days=365)
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_TOKEN = re.compile(r"([a-z0-9_-]{1,32})\.([A-Za-z0-9_-]{43})")


def create(
    *,
    name: str,
    by: str,
    at: datetime,
    permissions: Sequence[str] = tuple(PERMISSIONS),
    lasts: timedelta | None = LASTS,
) -> tuple[Token, str]:
    """A token of the force in scope, and its text, which cannot be had again. Raises Invalid."""
    if not _NAME.fullmatch(name):
        raise Invalid(name="A machine's name is 1 to 40 small letters, digits and hyphens.")
    if unknown := sorted(set(permissions) - set(PERMISSIONS)):
        raise Invalid(permissions=f"No such permission: {', '.join(unknown)}. There are {', '.join(PERMISSIONS)}.")
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        token = Token.objects.create(
            name=name,
            hash=_hash(secret),
            permissions=sorted(set(permissions)),
            created_at=at,
            expires_at=at + lasts if lasts else None,
        )
        facts.tell(told.TokenMade(token=token.pk, permissions=token.permissions), by=by, at=at)
    return token, f"{scope.require()}.{secret}"


def revoke(*, name: str, by: str, at: datetime) -> int:
    """All tokens of this machine end now. Returns how many that were."""
    with transaction.atomic():
        rows = list(Token.objects.select_for_update().filter(name=name, revoked_at=None))
        for token in rows:
            token.revoked_at = at
            token.save(update_fields=["revoked_at"])
            facts.tell(told.TokenRevoked(token=token.pk), by=by, at=at)
    return len(rows)


def split(text: str) -> tuple[str, str] | None:
    """(force, secret) of a token's text, or None when it cannot be one."""
    match = _TOKEN.fullmatch(text)
    return (match[1], match[2]) if match else None


def find(secret: str, *, at: datetime) -> Token | None:
    """The token with this secret in the force in scope, while it holds."""
    digest = _hash(secret)
    token = Token.objects.filter(Q(expires_at=None) | Q(expires_at__gt=at), hash=digest, revoked_at=None).first()
    return token if token and hmac.compare_digest(token.hash, digest) else None


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
