"""The rooms of the house, in the order in which a contact passes through them.

Data flows down this list. Imports and foreign keys look up it, never down: a room may know the rooms
above it and never the rooms below. `make check` (import-linter) and `tests/test_house.py` hold it so.
"""

from typing import NamedTuple


class Room(NamedTuple):
    name: str  # the package below `watchroom`, and the app label with dots as underscores
    stage: str
    question: str

    @property
    def label(self) -> str:
        return self.name.replace(".", "_")


ROOMS = (
    Room("foundation", "ground", "What does every room stand on?"),
    Room("shell", "ground", "What do all our pages share?"),
    Room("force", "ground", "Whose control room is this, and what is its policy?"),
    Room("staff", "ground", "Who is working, and what may they do?"),
    Room("duties", "ground", "What is owed, by whom, by when?"),
    Room("gazetteer", "ground", "Where is that?"),
    Room("contacts", "arrives", "Who got in touch, how, and what did they say?"),
    Room("identity", "identified", "Have we met this person, number or place before?"),
    Room("assessment", "assessed", "How much threat, harm, risk and vulnerability is there?"),
    Room("incidents", "graded", "What is it, how urgent, what is its log?"),
    Room("resolution", "resolved", "Can we help without sending anyone?"),
    Room("dispatch", "deployed", "Who goes, and when are they there?"),
    Room("referrals", "safeguarded", "Who else should know or act, and who holds the risk now?"),
    Room("demand", "learned from", "What is the demand?"),
    Room("desk", "faces", "What does the operator see?"),
    Room("portal", "faces", "What does the public see?"),
    Room("api", "faces", "What does a machine see?"),
    Room("links.trunk", "links", "How do we speak with a telephone trunk?"),
    Room("links.asterisk", "links", "How do we speak with a real telephone exchange?"),
    Room("links.eisec_aml", "links", "Where do the network and the handset say that the caller is?"),
    Room("links.records", "links", "What do other systems know of who is in touch?"),
    Room("links.forces", "links", "How do we reach the force to which a contact belongs?"),
    Room("links.email", "links", "How do we speak with a mailbox?"),
    Room("links.social", "links", "How do we speak with social media?"),
    Room("links.texts", "links", "How do we send a text to a telephone?"),
    Room("replay", "links", "What would these rooms have made of a real day?"),
    Room("demo", "links", "What does a working room look like, with nobody's real data in it?"),
)
