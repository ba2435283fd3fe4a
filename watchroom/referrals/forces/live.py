"""What is handed over between forces, and not accepted: the supervisor's list looks again whenever it changes."""

from watchroom.foundation import live
from watchroom.foundation.facts import Fact, Told
from watchroom.foundation.live import Fragment
from watchroom.referrals import facts

STIRRED_BY: tuple[type[Fact], ...] = (
    facts.HandedToForce,
    facts.ForceReached,
    facts.ForceNotReached,
    facts.HandoverRecalled,
    facts.ForceAnswered,
    facts.HandoverKept,
    facts.HandoverCame,
    facts.MoreCame,
    facts.HandoverAnswered,
    facts.HandoverWithdrawn,
)


@live.on("forces")
def stir(told: Told) -> list[Fragment]:
    """Nothing to show: the browser raises `live:<kind>`, and the list fetches itself again."""
    return [Fragment("forces", "#stir", "", "desk.supervisor", "none")]


READ_AGAIN: tuple[type[Fact], ...] = (facts.MoreCame, facts.HandoverAnswered, facts.HandoverWithdrawn)


@live.on("contact-*")
def reading(told: Told) -> list[Fragment]:
    """Somebody may be reading it, before one of us accepts: the page fetches anew what came, and how it stands."""
    return [Fragment(f"contact-{told.fact.subject[1]}", "#stir", "", "contacts.see", "none")]
