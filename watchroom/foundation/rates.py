"""Is somebody sending too fast? Counted per process and window; generous, since a person in danger must never be shut out."""

import hashlib

from django.core.cache import cache


def allow(what: str, who: str, *, limit: int, seconds: int) -> bool:
    """Whether `who` may do `what` once more: at most `limit` times in `seconds`. The address is kept as a hash only."""
    key = "rate:" + hashlib.sha256(f"{what}\n{who}".encode()).hexdigest()
    cache.add(key, 0, timeout=seconds)
    try:
        return cache.incr(key) <= limit
    except ValueError:  # its window ended, or the cache made room, between the two lines: then it counts from the beginning
        return True
