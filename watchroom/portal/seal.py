"""How are answers kept so that neither the database nor the browser alone can tell what they are?

The browser holds a random secret in a cookie; the database holds the sealed answers under that secret's digest. The key
is made of the secret and of the installation's own: a copy of the database opens nothing, and a found cookie says nothing.
"""

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

NONCE = 12  # bytes, as AES-GCM wants it; a new one each time
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def is_secret(text: str) -> bool:
    return bool(_SECRET.fullmatch(text))


def handle(secret: str) -> str:
    """Under which name the database keeps it."""
    return hashlib.sha256(f"visit {secret}".encode()).hexdigest()


def talk_secret(secret: str) -> str:
    """Of the conversation that this visit begins: the same at each press of the button, and not to be told from the visit's own."""
    made = hmac.new(settings.SECRET_KEY.encode(), f"portal talk {secret}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def close(secret: str, answers: dict[str, Any]) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(_key(secret)).encrypt(nonce, json.dumps(answers).encode(), handle(secret).encode())


def open_(secret: str, sealed: bytes | memoryview) -> dict[str, Any]:
    """The answers; none when they were emptied, or cannot be opened (the installation's secret was changed)."""
    sealed = bytes(sealed)
    if not sealed:
        return {}
    try:
        return json.loads(AESGCM(_key(secret)).decrypt(sealed[:NONCE], sealed[NONCE:], handle(secret).encode()))
    except InvalidTag:
        return {}


def _key(secret: str) -> bytes:
    return hmac.new(settings.SECRET_KEY.encode(), f"portal visit {secret}".encode(), hashlib.sha256).digest()
