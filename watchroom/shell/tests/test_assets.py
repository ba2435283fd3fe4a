"""Fonts and scripts of others come by lock, and only what is served is copied."""

import json
import shutil
import sys

import pytest

from watchroom.shell import assets

LOCK = assets.REPOSITORY / "package-lock.json"


def packages():
    return json.loads(LOCK.read_text())["packages"].items()


def test_the_lock_pins_every_package_by_hash_and_names_no_host():
    for name, package in packages():
        if name:
            assert package["integrity"].startswith("sha512-"), name
            assert "resolved" not in package, name


def test_no_package_runs_a_script_when_it_is_installed():
    assert not [name for name, package in packages() if package.get("hasInstallScript")]


@pytest.fixture
def root(tmp_path):
    """A repository where npm has just installed the packages, without npm."""
    shutil.copy(LOCK, tmp_path)
    for source in assets.SERVED:
        path = tmp_path / "node_modules" / source
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("@font-face{src:url(/assets/fonts/bold.woff2)}body{}\n/*# sourceMappingURL=x.css.map */\n")
    return tmp_path


def npm_that(says, *, ends_with):
    return lambda: [[sys.executable, "-c", f"import sys; sys.stderr.write({says!r}); sys.exit({ends_with})"]]


def test_what_is_served_is_copied_without_fonts_or_maps_of_others(root, monkeypatch):
    monkeypatch.setattr(assets, "_npms", npm_that("", ends_with=0))
    assert assets.ensure(root, root / "vendor") is True
    copied = (root / "vendor" / "govuk-frontend.min.css").read_text()
    assert "font-face" not in copied
    assert "sourceMappingURL" not in copied


def test_a_second_time_nothing_is_done(root, monkeypatch):
    monkeypatch.setattr(assets, "_npms", npm_that("", ends_with=0))
    assets.ensure(root, root / "vendor")
    monkeypatch.setattr(assets, "_npms", npm_that("must not run", ends_with=1))
    assert assets.ensure(root, root / "vendor") is False


def test_a_changed_lock_or_a_lost_file_means_doing_it_again(root, monkeypatch):
    monkeypatch.setattr(assets, "_npms", npm_that("", ends_with=0))
    assets.ensure(root, root / "vendor")
    (root / "vendor" / "htmx.min.js").unlink()
    assert assets.ensure(root, root / "vendor") is True
    (root / "package-lock.json").write_text("{}")
    assert assets.ensure(root, root / "vendor") is True


def test_a_failure_says_what_npm_said_and_what_to_do(root, monkeypatch):
    monkeypatch.setattr(assets, "_npms", npm_that("no route to the registry", ends_with=1))
    with pytest.raises(assets.AssetsMissing) as failure:
        assets.ensure(root, root / "vendor")
    assert "no route to the registry" in str(failure.value)
    assert "make setup" in str(failure.value)


def test_the_packaged_npm_is_the_second_try(root, monkeypatch):
    tries = npm_that("the machine has an old npm", ends_with=1)() + npm_that("", ends_with=0)()
    monkeypatch.setattr(assets, "_npms", lambda: tries)
    assert assets.ensure(root, root / "vendor") is True


def test_without_npm_on_the_machine_the_packaged_one_is_found(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    [[node, npm]] = assets._npms()
    assert node.endswith("node")
    assert npm.endswith("npm-cli.js")
