"""Which barriers does axe find on a page? Asked by the browser tests of all rooms."""

from typing import Any

from watchroom.shell import assets

AXE = assets.REPOSITORY / "node_modules" / "axe-core" / "axe.min.js"
EVERY_RULE = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS = ["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable"]


def barriers(page: Any, *, only_looks: bool = False) -> list[str]:
    """What axe finds on this page: every rule, or only those whose answer a theme and a size can change.

    A page that has passed every rule in one theme need not be asked again in the other whether its fields have names. A target that is
    scrolled out of sight in its part of the page is measured where it is in sight: axe takes the foot of that part to lie over it.
    """
    page.evaluate(AXE.read_text())
    chosen = {"type": "rule", "values": LOOKS} if only_looks else {"type": "tag", "values": EVERY_RULE}
    found = _violations(page, "document", chosen)
    return [
        f"{page.url}: {one['id']}: {node['html'][:160]}"
        for one in found
        for node in one["nodes"]
        if one["id"] != "target-size" or _is_small_in_sight(page, node["target"][0])
    ]


def _is_small_in_sight(page: Any, target: str) -> bool:
    page.evaluate("target => document.querySelector(target).scrollIntoView({block: 'center', behavior: 'instant'})", target)
    return bool(_violations(page, target, {"type": "rule", "values": ["target-size"]}))


def _violations(page: Any, where: str, chosen: dict[str, Any]) -> list[dict[str, Any]]:
    options = {"runOnly": chosen, "resultTypes": ["violations"]}
    asked = "([where, options]) => axe.run(where === 'document' ? document : where, options)"
    found: list[dict[str, Any]] = page.evaluate(asked, [where, options])["violations"]
    return found
