"""The house rules of the look: one place for colour, every pair legible, nothing inline, every sign drawn."""

import re
from pathlib import Path

import pytest

from watchroom.shell import gallery

PACKAGE = Path(__file__).parents[2]
CSS = PACKAGE / "shell" / "static" / "shell" / "css"
SHEETS = sorted(CSS.glob("*.css"))
TEMPLATES = sorted(PACKAGE.glob("**/templates/**/*.html"))
MODULES = sorted(path for path in PACKAGE.glob("**/*.py") if "tests" not in path.parts)
SCRIPTS = sorted((PACKAGE / "shell" / "static" / "shell" / "js").glob("*.js"))

TOKENS = (CSS / "tokens.css").read_text()
COLOURS = {m[1]: (m[2], m[3]) for m in re.finditer(r"--([\w-]+):\s*light-dark\((#\w{6}),\s*(#\w{6})\)", TOKENS)}

TEXT, SHAPE = 4.5, 3.0  # WCAG 2.2, 1.4.3 and 1.4.11
SURFACES = ("desk", "unlit", "lit", "now", "well", "hush")


def pairs():
    """Every pair of colours that the components put on each other, and the contrast it needs."""
    for surface in SURFACES:
        yield from ((ink, surface, TEXT) for ink in ("ink", "ink-2", "ink-3", "accent"))
        yield from ((shape, surface, SHAPE) for shape in ("edge", "focus"))
    for ink in ("ink", "ink-2", "accent-deep"):
        yield ink, "accent-wash", TEXT
    yield "on-accent", "accent", TEXT
    for heat in ("r1", "r2", "r3"):
        yield f"on-{heat}", heat, TEXT
        yield heat, f"{heat}-wash", SHAPE
        yield from ((ink, f"{heat}-wash", TEXT) for ink in (f"{heat}-ink", "ink", "ink-2"))
        for surface in SURFACES:
            yield f"{heat}-ink", surface, TEXT
            yield heat, surface, SHAPE
    yield from (("map-label", "map-land", TEXT), ("ink-3", "map-land", TEXT), ("ink", "map-block", TEXT))
    yield from (("on-band", "band", TEXT), ("edge", "r1-wash", SHAPE), ("edge", "page", SHAPE), ("focus", "page", SHAPE))
    yield from ((ink, "page", TEXT) for ink in ("ink", "ink-2", "ink-3", "accent", "r1-ink"))
    yield from (("accent-deep", surface, TEXT) for surface in ("page", "lit"))
    yield "focus-halo", "focus", TEXT  # GOV.UK's focused links: text on the focus colour
    yield "on-accent", "accent-deep", TEXT  # a public button under the pointer


def contrast(a, b):
    """WCAG 2.2, relative luminance and contrast ratio."""

    def luminance(colour):
        channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_pair_of_colours_that_meets_on_screen_can_be_read(theme):
    column = ("light", "dark").index(theme)
    poor = [
        f"{a} on {b}: {ratio:.2f}, needs {need}"
        for a, b, need in pairs()
        if (ratio := contrast(COLOURS[a][column], COLOURS[b][column])) < need
    ]
    assert not poor


@pytest.mark.parametrize("sheet", [s for s in SHEETS if s.name != "tokens.css"], ids=lambda s: s.name)
def test_a_colour_is_written_in_the_tokens_only(sheet):
    css = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.S)
    found = re.findall(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgba?|hsla?|oklch|lab|lch)\([^)]*\)", css)
    assert not found


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda s: s.name)
def test_every_token_that_is_used_is_defined(sheet):
    css = sheet.read_text()
    everywhere = "".join(s.read_text() for s in SHEETS)
    defined = set(re.findall(r"(--[\w-]+)\s*:", everywhere))
    assert set(re.findall(r"var\((--[\w-]+)", css)) <= defined


INLINE = re.compile(
    r"""\sstyle\s*=\s*["']|<style\b|\son(?:click|load|change|submit|input|key\w+|focus|blur|error)\s*=|javascript:|\shx-on[:-]|\shx-vals=["']js:""",
    re.I,
)
SCRIPT = re.compile(r"<script\b(?![^>]*\bsrc=)(?![^>]*application/json)", re.I)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_template_has_inline_style_or_script(path):
    """The content security policy would silently drop it."""
    text = path.read_text()
    assert not INLINE.findall(text)
    assert not SCRIPT.findall(text)


def test_no_python_module_writes_inline_style():
    assert [path for path in MODULES if re.search(r"""<[a-z][^>]*\sstyle=["']""", path.read_text())] == []


USES = (
    re.compile(r"""\{%\s*icon\s+["']([\w-]+)["']"""),
    re.compile(r"""\b(?:icon|sign)=["']([\w-]+)["']"""),
    re.compile(r"""icons\.svg#([\w-]+)"""),
    re.compile(r"""(?:\bicon|_sign)\(["']([\w-]+)["']"""),
)


def test_every_sign_that_is_used_is_in_the_sprite():
    drawn = set(gallery.icons())
    missing = {
        f"{path.relative_to(PACKAGE)}: {name}"
        for path in (*TEMPLATES, *MODULES)
        for use in USES
        for name in use.findall(path.read_text())
        if name not in drawn
    }
    assert not missing


def test_no_sign_is_drawn_twice():
    assert len(gallery.icons()) == len(set(gallery.icons()))


def test_scripts_are_modules_without_eval_and_load_nothing_from_elsewhere():
    for script in SCRIPTS:
        text = script.read_text()
        assert not re.search(r"\beval\(|new Function\(|https?://", text), script.name
