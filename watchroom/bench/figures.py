"""How well was found, and how fast? The same figures for our own lookup and for every peer."""

from collections.abc import Sequence
from typing import Any


def percentiles(values: list[float]) -> dict[str, float | None]:
    cut = sorted(values)
    return {f"p{p}": round(cut[min(len(cut) - 1, int(len(cut) * p / 100))], 3) if cut else None for p in (50, 95, 99)}


FIGURES = ("candidate_recall", "recall_at_1", "recall_at_5", "best_f1", "recall_at_precision_99", "ece")


def figures(outcome: Sequence[dict[str, Any]]) -> dict[str, float | None]:
    """Of queries with a truth; shares from 0 to 1. Whom a query names is its first candidate, with its probability as the score."""
    known = [one for one in outcome if one["truth"] is not None]
    if not known:
        return dict.fromkeys(FIGURES)
    place = [next((n for n, (who, _, _) in enumerate(one["found"]) if who == one["truth"]), None) for one in known]
    named = [(one["found"][0][1], one["found"][0][0] == one["truth"]) for one in outcome if one["found"]]
    best, at_99 = _along(named, len(known))
    count = len(known)
    return {
        "candidate_recall": round(sum(n is not None for n in place) / count, 4),
        "recall_at_1": round(sum(n == 0 for n in place) / count, 4),
        "recall_at_5": round(sum(n is not None and n < 5 for n in place) / count, 4),
        "best_f1": round(best, 4),
        "recall_at_precision_99": round(at_99, 4),
        "ece": round(calibration_error(named), 4),
    }


def _along(named: list[tuple[float, bool]], known: int) -> tuple[float, float]:
    """(the best F1, the most recall at a precision of at least 0.99) over every threshold; what is scored alike is named together."""
    right, best, at_99 = 0, 0.0, 0.0
    ordered = sorted(named, reverse=True)
    for n, (score, is_right) in enumerate(ordered, start=1):
        right += is_right
        if n < len(ordered) and ordered[n][0] == score:
            continue
        precision, recall = right / n, right / known
        if precision + recall:
            best = max(best, 2 * precision * recall / (precision + recall))
        if precision >= 0.99:
            at_99 = max(at_99, recall)
    return best, at_99


def calibration_error(named: list[tuple[float, bool]], bins: int = 10) -> float:
    """Expected calibration error: how far, on average, a probability is from the share that is right, over equal bins."""
    parts: list[list[tuple[float, bool]]] = [[] for _ in range(bins)]
    for probability, is_right in named:
        parts[min(bins - 1, int(probability * bins))].append((probability, is_right))
    return sum(abs(sum(p for p, _ in part) - sum(right for _, right in part)) for part in parts) / max(1, len(named))
