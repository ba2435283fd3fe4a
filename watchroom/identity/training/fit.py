"""With which weights? A Splink model of our comparisons, fitted on people who never were, and the same counted for households.

    watchroom identity train MODEL.json HOUSEHOLD.json [--people 40000] [--seed 7]

Run where Splink is; nothing of it is needed to serve.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from watchroom.identity.likeness import words
from watchroom.identity.likeness.conditions import COMPARISONS
from watchroom.identity.likeness.model import wanted
from watchroom.identity.likeness.words import Said
from watchroom.identity.training.people import PROFILES, Row, Town

# What is nearly unique is hardly ever met in a random pair: its u is the sum of the squared frequencies, and is held fixed.
EXACT = {"given": "given", "family": "family", "born": "born", "number": "number"}
SMALLEST = 1e-4  # no level is taken to be seen less often than this among the same people
# The others are held out. Names changed about are no level of the model: a verdict asks for them apart.
TRAINED_ON = tuple(replace(profile, swapped=0.0) for profile in PROFILES[:4])


def said_of(row: Row) -> Said:
    return words.said(
        given=row.first_name,
        family=row.surname,
        born_on=row.dob,
        postcode_of=row.postcode,
        street=row.street,
        town=row.town,
        number=row.phone,
    )


def columns(identifier: int, person: int, said: Said) -> dict[str, Any]:
    """A row as Splink compares it: what is not known is null."""
    fields = {
        name: getattr(said, name) or None
        for name in ("given", "family", "born", "postcode", "house", "street", "town", "number", "email")
    }
    return {
        "unique_id": identifier,
        "person": person,
        **fields,
        "roots": sorted(said.roots) or None,
        "sound": said.sound or None,
    }


def level_of(field: str, a: Said, b: Said) -> str:
    asked = COMPARISONS[field]
    return asked.levels[asked.level(a, b)][0]


def household_pairs(town: Town, count: int) -> Iterator[tuple[Said, Said]]:
    """Calls by somebody who is not on record, with each person on record at that address or number."""
    at_home: dict[tuple, list[Row]] = {}
    for row in town.whole:
        at_home.setdefault((row.postcode, row.street), []).append(row)
    for _ in range(count):
        kin = town.chance.choice(town.whole)
        others = [
            row for row in at_home[kin.postcode, kin.street] if row.unique_id != kin.unique_id and row.household == kin.household
        ]
        for other in others[:2]:
            yield said_of(town._later(kin)), said_of(town.records[other.unique_id])
        stranger = town._stranger()
        for known in at_home.get((stranger.postcode, stranger.street), ())[:2]:
            yield said_of(town._later(stranger)), said_of(town.records[known.unique_id])


def fit(people: int, seed: int) -> tuple[dict, dict]:
    """(Splink's settings with weights, how often each level is seen within a household)."""
    import pandas
    from splink import DuckDBAPI, Linker

    rows: list[dict[str, Any]] = []
    kin: Counter[tuple[str, str]] = Counter()
    for number, profile in enumerate(TRAINED_ON):
        town, offset = Town(people // len(TRAINED_ON), seed=seed, profile=profile), number * 10**8
        rows += [columns(offset + row.unique_id, offset + row.unique_id, said_of(row)) for row in town.records]
        calls = list(town.calls(people // len(TRAINED_ON) // 2, known=1.0))
        rows += [columns(5 * 10**9 + offset + n, offset + call.truth, said_of(call)) for n, call in enumerate(calls)]
        for a, b in household_pairs(town, 3000):
            for field in COMPARISONS:
                kin[field, level_of(field, a, b)] += 1
    frame = pandas.DataFrame(rows)
    interface = DuckDBAPI()
    try:
        linker = Linker(interface.register(frame), wanted())
    except (AttributeError, TypeError):
        linker = Linker(frame, wanted(), interface)
    linker.training.estimate_u_using_random_sampling(max_pairs=2e7, seed=seed)
    linker.training.estimate_m_from_label_column("person")
    fitted = linker.misc.save_model_to_json()
    for comparison in fitted["comparisons"]:
        field = comparison["output_column_name"]
        known = [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]
        for level in known:
            if EXACT.get(field) and level["label_for_charts"] == "the same":
                counts = frame[EXACT[field]].value_counts()
                level["u_probability"] = float(((counts / counts.sum()) ** 2).sum())
                level["fix_u_probability"] = True
            level["m_probability"] = max(level.get("m_probability") or 0.0, SMALLEST)
            level["u_probability"] = max(level.get("u_probability") or 0.0, 1e-8)
        if not any(level.get("m_probability") != SMALLEST for level in known):  # a field that nobody in the training had
            _by_hand(field, known)
    total = {field: sum(n for (f, label), n in kin.items() if f == field and label != "not known") for field in COMPARISONS}
    household = {
        field: {
            label: max(kin[field, label] / total[field], SMALLEST)
            for label, _ in asked.levels
            if label != "not known" and total[field]
        }
        for field, asked in COMPARISONS.items()
    }
    fitted["probability_two_random_records_match"] = 1e-6
    return fitted, household


E_MAIL = {"the same": (0.75, 1e-6), "very like it": (0.1, 1e-5), "another": (0.15, 1.0)}


def _by_hand(field: str, levels: list[dict]) -> None:
    """E-mail is not among what our made-up people have; own estimate: as unique as a number, and changed less often."""
    for level in levels:
        level["m_probability"], level["u_probability"] = E_MAIL.get(level["label_for_charts"], (SMALLEST, 1.0))


def write(model: Path, household: Path, *, people: int, seed: int) -> None:
    """Fit, and write both files."""
    fitted, shares = fit(people, seed)
    model.write_text(json.dumps(fitted, indent=1, ensure_ascii=False) + "\n")
    household.write_text(json.dumps(shares, indent=1) + "\n")
    print(f"Fitted on {people:,} people of {len(TRAINED_ON)} profiles.", file=sys.stderr)
