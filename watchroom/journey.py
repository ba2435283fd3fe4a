"""What does each fact lead to? One page: read it, and you have read the flow.

NOW    reactions in the same transaction, each in a savepoint: what fails here is owed, and never takes the fact with it
SOON   jobs, deferred in the same transaction
SHOWN  what of the screens changes: each call renders fragments, once for a force, and the live stream carries them

There are no conditions here: a condition is a rule of the room that is called.
"""

from watchroom.contacts import facts as contacts
from watchroom.identity import actions as identity
from watchroom.incidents import actions as incidents

NOW = {
    contacts.ContactArrived: (identity.observe,),
    contacts.PlacePicked: (identity.observe, incidents.follow_place),
}

SOON: dict = {}

SHOWN: dict = {}
