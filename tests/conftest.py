"""What every test may rely on: real data where it is, the same chance every time, and no skip that nobody notices.

With CI=true a skipped test fails, unless it was skipped because the real data are not there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from pathlib import Path

import hypothesis
import pytest

DATA_ABSENT = "real data absent"

for name in [name for name in os.environ if name.startswith("DUEWISE_") and name != "DUEWISE_DATA"] + ["MLFLOW_TRACKING_URI"]:
    os.environ.pop(name, None)
os.environ.update(MLFLOW_DISABLE_TELEMETRY="true", GX_ANALYTICS_ENABLED="false", MPLBACKEND="agg")

hypothesis.settings.register_profile("duewise", derandomize=True, deadline=None, print_blob=False)
hypothesis.settings.load_profile("duewise")


@pytest.fixture(scope="session")
def real_data() -> Callable[[str], Path]:
    """The path of a real file, by its name below $DUEWISE_DATA (else ../shared/data beside the repository)."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("DUEWISE_DATA") or beside)

    def path_of(relative: str) -> Path:
        path = folder / relative
        if not path.exists():
            pytest.skip(f"{DATA_ABSENT}: $DUEWISE_DATA names no folder with {relative}")
        return path

    return path_of


def _forbid_silent_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    reason = str(report.longrepr)
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI") == "true" and DATA_ABSENT not in reason:
        report.outcome = "failed"
        report.longrepr = f"skipped under CI: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _forbid_silent_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _forbid_silent_skip(report)
    return report
