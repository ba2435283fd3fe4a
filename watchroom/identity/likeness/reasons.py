"""Why do we think so? What speaks for a person and what against, in words that can be read in a second."""

from collections.abc import Sequence

from watchroom.identity.likeness.model import Part

PRO = {
    ("given", "the same"): "The same given name",
    ("given", "a form of it"): "A form of their given name",
    ("given", "the same initial"): "The same initial",
    ("given", "very like it"): "Given name spelt almost alike",
    ("given", "like it"): "Given name spelt much alike",
    ("given", "changed about"): "Given and family name changed about",
    ("family", "the same"): "The same family name",
    ("family", "very like it"): "Family name spelt almost alike",
    ("family", "like it"): "Family name spelt much alike",
    ("family", "sounds like it"): "Family name sounds alike",
    ("born", "the same"): "The same date of birth",
    ("born", "day and month changed about"): "Date of birth with day and month changed about",
    ("born", "as far as it was said"): "Date of birth, as far as it was said",
    ("born", "one figure other"): "Date of birth but for one figure",
    ("born", "two of day, month and year"): "Two of day, month and year of birth",
    ("home", "the same address"): "Their address",
    ("home", "nearly the same address"): "Nearly their address",
    ("home", "the same postcode"): "Their postcode",
    ("home", "the same street"): "Their street",
    ("home", "the same town"): "Their town",
    ("home", "another address in the town"): "Their town",
    ("number", "the same"): "Their number",
    ("number", "one figure other"): "Their number but for one figure",
    ("email", "the same"): "Their e-mail address",
    ("email", "very like it"): "Nearly their e-mail address",
}
CON = {
    ("given", "another"): "Another given name",
    ("given", "like it"): "Given name only much alike",
    ("family", "another"): "Another family name",
    ("family", "sounds like it"): "Family name only sounds alike",
    ("born", "the same year"): "Born in the same year, on another day",
    ("born", "another"): "Another date of birth",
    ("home", "another"): "Another address",
    ("home", "another address in the town"): "Another address in the town",
    ("home", "another town"): "Another town",
    ("home", "the same postcode"): "Another house in their postcode",
    ("number", "another"): "Another number",
}
ENOUGH = 0.5  # bits; less is not worth a line


def in_words(parts: Sequence[Part]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(what speaks for it, what speaks against it), the weightiest first, each a sentence."""
    pro = [part for part in parts if part.bits >= ENOUGH or part.level == "changed about"]
    con = [part for part in parts if part.bits <= -ENOUGH and part.level != "changed about"]
    return (
        tuple(
            f"{PRO[part.field, part.level]}." for part in sorted(pro, key=lambda p: -p.bits) if (part.field, part.level) in PRO
        ),
        tuple(f"{CON[part.field, part.level]}." for part in sorted(con, key=lambda p: p.bits) if (part.field, part.level) in CON),
    )
