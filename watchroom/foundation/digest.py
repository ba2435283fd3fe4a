"""A keyed digest of what a person said, for the chain of facts.

The chain proves that the words are unchanged without holding them. The key belongs to the contact or incident;
destroying the key at erasure makes the digest meaningless and leaves the chain whole.
"""

import hashlib
import hmac
import os


def new_key() -> bytes:
    return os.urandom(32)


def of(key: bytes | memoryview, *words: str) -> str:
    """HMAC-SHA-256 in hex, of the words in order."""
    mac = hmac.new(bytes(key), digestmod=hashlib.sha256)
    for word in words:
        mac.update(len(word).to_bytes(8, "big") + word.encode())
    return mac.hexdigest()
