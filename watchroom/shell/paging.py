"""A long list, a page at a time, for who may see all of it: which page is asked for, and how many stand before and behind it."""

from typing import Any

from django.http import HttpRequest

LONGEST = 6  # digits


def start(request: HttpRequest) -> int:
    """GET `start`: how many stand before the page; without it, or where it is no number, none."""
    asked = request.GET.get("start", "")
    return int(asked) if asked.isdecimal() and len(asked) <= LONGEST else 0


def around(start: int, *, shown: int, total: int, page: int) -> dict[str, Any]:
    """For `shell/_pages.html`: of `total`, `shown` from the one after `start` are on a page of at most `page`."""
    return {
        "start": start,
        "page": page,
        "before": max(0, start - page),
        "after": start + shown,
        "further": max(0, total - start - shown),
    }
