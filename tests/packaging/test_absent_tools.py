"""A test whose tool is absent is skipped on a developer's machine and fails in CI."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests import conftest


def item(*markers: str) -> SimpleNamespace:
    return SimpleNamespace(get_closest_marker=lambda name: name if name in markers else None)


@pytest.fixture(autouse=True)
def nothing_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    absent = {name: (lambda: False, reason) for name, (_, reason) in conftest.NEEDS.items()}
    monkeypatch.setattr(conftest, "NEEDS", absent)


@pytest.mark.parametrize("marker", conftest.NEEDS)
def test_skipped_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch, marker: str) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="install"):
        conftest.pytest_runtest_setup(item(marker))  # type: ignore[arg-type]


@pytest.mark.parametrize("marker", conftest.NEEDS)
def test_a_failure_in_ci(monkeypatch: pytest.MonkeyPatch, marker: str) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="CI installs every tool its tests use"):
        conftest.pytest_runtest_setup(item(marker))  # type: ignore[arg-type]


def test_other_tests_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    conftest.pytest_runtest_setup(item())  # type: ignore[arg-type]
