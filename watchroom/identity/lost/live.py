"""When does the list of those to be rung back look again? It is as each reader may see it, so a fact only says that something changed."""

from watchroom.contacts import facts as contacts
from watchroom.foundation import live
from watchroom.foundation.facts import Fact, Told
from watchroom.foundation.live import Fragment
from watchroom.identity import facts as people

STIRRED_BY: tuple[type[Fact], ...] = (
    contacts.ContactAbandoned,
    contacts.ContactReached,
    contacts.ContactWrapped,
    contacts.AttentionRaised,
    contacts.ChatCameBack,
    contacts.CallbackAgreed,
    contacts.CallbackClosed,
    people.RingingBack,
    people.RungBack,
    people.LostCallerLetGo,
    people.MarkerAdded,
    people.MarkerCorrected,
    people.MarkerRemoved,
)


@live.on("lost")
def stir(told: Told) -> list[Fragment]:
    """Nothing to show: the browser raises `live:<kind>`, and the list fetches itself again."""
    return [Fragment("lost", "#stir", "", "identity.lost", "none")]
