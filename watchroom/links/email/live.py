"""How far a message is changes by itself: the panel looks again, as its reader may see it."""

from watchroom.foundation import live
from watchroom.foundation.facts import Told
from watchroom.foundation.live import Fragment


@live.on("contact-*")
def stir(told: Told) -> list[Fragment]:
    """Nothing to show, only that something changed: the browser raises `live:<kind>`, and the panel fetches itself again."""
    return [Fragment(f"contact-{told.fact.subject[1]}", "#stir", "", "contacts.see", "none")]
