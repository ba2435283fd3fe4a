"""Flags that cannot be missed and do not shout: how a marker is shown, kept right, and kept from the wrong ears."""
