"""Does Splink find the same weights? Pairs of people who never were, weighed by Splink with the shipped model, for `tests/test_parity.py`.

    python -m watchroom.identity.training.parity watchroom/identity/tests/parity.json.gz

Run where Splink is, after each training.
"""

import gzip
import json
import sys
from pathlib import Path
from typing import Any

from watchroom.identity.likeness.model import wanted
from watchroom.identity.training import fit
from watchroom.identity.training.people import PROFILES, Town

PAIRS = 4000
MODEL = Path(__file__).parent.parent / "data" / "model.json"


def pairs() -> dict[str, Any]:
    """The fields of each pair, how frequent its names are, and Splink's match weight."""
    import pandas
    from splink import DuckDBAPI, Linker

    town = Town(4000, seed=11, profile=PROFILES[1])
    rows = [(row.unique_id, fit.said_of(row)) for row in [*town.records, *town.calls(4000)]]
    frame = pandas.DataFrame([fit.columns(identifier, identifier, said) for identifier, said in rows])
    settings = json.loads(MODEL.read_text("utf-8")) | {
        "blocking_rules_to_generate_predictions": wanted()["blocking_rules_to_generate_predictions"]
    }
    interface = DuckDBAPI()
    found = Linker(interface.register(frame), settings).inference.predict().as_pandas_dataframe()
    found = found.sample(min(PAIRS, len(found)), random_state=3)
    said = dict(rows)
    shares = {field: frame[field].value_counts(normalize=True).to_dict() for field in ("given", "family")}
    return {
        "frequency": {field: {name: share for name, share in table.items() if name} for field, table in shares.items()},
        "pairs": [
            [list(said[one]), list(said[other]), weight]
            for one, other, weight in zip(found.unique_id_l, found.unique_id_r, found.match_weight, strict=True)
        ],
    }


if __name__ == "__main__":
    with gzip.open(sys.argv[1], "wt", encoding="utf-8") as file:
        json.dump(pairs(), file)
