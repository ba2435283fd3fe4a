"""Which barriers does axe find on a page? Asked by the browser tests of all rooms."""

from typing import Any

from watchroom.shell import assets

AXE = assets.REPOSITORY / "node_modules" / "axe-core" / "axe.min.js"
EVERY_RULE = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SETTLES_MS = 700
LOOKS = ["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable"]


def barriers(page: Any, *, only_looks: bool = False) -> list[str]:
    """What axe finds on this page: every rule, or only those whose answer a theme and a size can change.

    A page that has passed every rule in one theme need not be asked again in the other whether its fields have names. A barrier is
    what stays: while a part of the page is exchanged for a new one, a button may lie half under another for a moment.
    """
    page.evaluate(AXE.read_text())
    found = _found(page, only_looks)
    if not found:
        return []
    page.wait_for_timeout(SETTLES_MS)
    again = _found(page, only_looks)
    return [one for one in found if one in again]


def _found(page: Any, only_looks: bool) -> list[str]:
    chosen = {"type": "rule", "values": LOOKS} if only_looks else {"type": "tag", "values": EVERY_RULE}
    options = {"runOnly": chosen, "resultTypes": ["violations"]}
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [f"{page.url}: {one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]
