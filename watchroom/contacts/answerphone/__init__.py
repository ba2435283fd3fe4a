"""A message is a contact with a recording, an owner and a time; and no call is sent to a box that nobody listens to (R21)."""
