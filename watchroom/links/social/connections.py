"""Which gateway speaks for the force in scope, and what proves it? By the environment; without it nothing comes in and nothing goes out.

`WATCHROOM_SOCIAL_SECRET`: what the gateway signs with, at least 32 characters; two with a space between while it is changed.
`WATCHROOM_SOCIAL_URL` and `WATCHROOM_SOCIAL_TOKEN`: where replies and posts go, over https. `_NORTHMOOR` at the end for one of several.
"""

from watchroom.foundation import environment
from watchroom.links.records.connections import Connection, problem_of
from watchroom.links.social.rules import SHORTEST_SECRET


def secrets() -> tuple[str, ...]:
    """The secrets of the force in scope; one that is too short to be one is none."""
    return tuple(one for one in environment.of_force("WATCHROOM_SOCIAL_SECRET").split() if len(one) >= SHORTEST_SECRET)


def why_not() -> str:
    """Why nothing can go out, as a sentence; empty when it can."""
    return problem_of(*_kept())


def outgoing() -> Connection | None:
    return None if why_not() else Connection(*_kept())


def _kept() -> tuple[str, str]:
    url, token = environment.of_force("WATCHROOM_SOCIAL_URL"), environment.of_force("WATCHROOM_SOCIAL_TOKEN")
    return url.strip().rstrip("/"), token.strip()
