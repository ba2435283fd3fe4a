"""When do the digital trays look again? The list is as each reader may see it, so a fact only says that something changed."""

from watchroom.contacts import facts as contacts
from watchroom.contacts.models import Contact
from watchroom.contacts.rules import TRAYS
from watchroom.foundation import live
from watchroom.foundation.facts import Fact, Told
from watchroom.foundation.live import Fragment

STIRRED_BY: tuple[type[Fact], ...] = (
    contacts.ContactArrived,
    contacts.ContactAnswered,
    contacts.ContactAbandoned,
    contacts.AttentionRaised,
    contacts.ChatCameBack,
    contacts.StageReached,
)


@live.on("trays")
def stir(told: Told) -> list[Fragment]:
    """Only of what lies in a tray: a hundred calls in a minute fetch nothing."""
    lies = Contact.objects.filter(pk=told.fact.subject[1], channel__in=TRAYS).exists()
    return [Fragment("trays", "#stir", "", "contacts.trays", "none")] if lies else []
