"""How far a message or a post is changes by itself: the panel or the page looks again, as its reader may see it."""

from watchroom.foundation import live
from watchroom.foundation.facts import Told
from watchroom.foundation.live import Fragment


@live.on("posts", "contact-*")
def stir(told: Told) -> list[Fragment]:
    """Of a post: everybody who writes or approves them."""
    if told.fact.subject[0] == "post":
        return [Fragment("posts", "#stir", "", "social.publish", "none")]
    return [Fragment(f"contact-{told.fact.subject[1]}", "#stir", "", "contacts.see", "none")]
