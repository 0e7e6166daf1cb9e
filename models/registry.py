"""Where champions are kept: MLflow, the only file that imports it.

Boosters are logged as LightGBM text and everything else as JSON, so that nothing is ever unpickled. Each version of the registered
model `duewise-<ledger id>` carries its training day; the alias `champion` names the newest promoted one. A database that is a file is
made and written by one process at a time: MLflow, left alone, lets two that begin at once stumble over each other's tables.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from ledger.errors import RefusedError, UsageError, without_password
from ledger.lock import Lock
from models.champion import Champion

EXPERIMENT = "duewise"
SHOWN = 200


@dataclass(frozen=True)
class Version:
    """One registered model version."""

    number: int
    as_of: date
    promoted: bool
    run_id: str
    boosters: tuple[str, ...]


def refuse_folder(uri: str) -> None:
    """Refuse a folder as a model store, before anything is trained for it: MLflow keeps no models in one any longer.

    >>> refuse_folder("sqlite:///models.db"), refuse_folder("http://models:5000"), refuse_folder("databricks")
    (None, None, None)
    >>> refuse_folder("models")
    Traceback (most recent call last):
    ...
    ledger.errors.UsageError: the model store models is a folder, and models are kept in a database: write sqlite:///models.db
    """
    path = uri.removeprefix("file:").removeprefix("//") if uri.startswith("file:") else uri
    if uri.startswith("file:") or not ("://" in uri or uri.startswith("databricks")):
        raise UsageError(f"the model store {uri} is a folder, and models are kept in a database: write sqlite:///{path.rstrip('/')}.db")


class Registry:
    """The model store of one ledger. `uri` None: `$MLFLOW_TRACKING_URI`, else `mlflow.db` in the ledger's folder.

    Raises `UsageError` where it is a folder.
    """

    def __init__(self, uri: str | None, folder: Path, ledger_id: str) -> None:
        os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
        default = f"sqlite:///{(folder / 'mlflow.db').resolve()}"
        self.uri = uri or os.environ.get("MLFLOW_TRACKING_URI") or default
        refuse_folder(self.uri)
        self.shown = without_password(self.uri)
        self.name = f"duewise-{ledger_id}"
        self._folder = (folder / "mlartifacts").resolve() if self.uri.startswith("sqlite:") else None
        self._moves = self.uri == default
        file = Path(self.uri.removeprefix("sqlite:///").partition("?")[0])
        is_file = self.uri.startswith("sqlite:///") and file.parent.is_dir()
        self._file, self._lock = file, Lock(file.with_name(f".{file.name}.lock"), f"the model store {self.shown}") if is_file else None

    @cached_property
    def _client(self) -> Any:
        os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
        os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "ERROR")
        import mlflow

        # MLflow sets its own loggers' levels while it is imported.
        for name in ("mlflow", "mlflow.store.db.utils", "alembic"):
            logging.getLogger(name).setLevel(logging.ERROR)
        asked = os.environ.get("MLFLOW_TRACKING_URI")
        mlflow.set_tracking_uri(self.uri)
        mlflow.set_registry_uri(self.uri)
        # MLflow writes the address into the environment, where the next ledger of this process would take it for the user's wish.
        os.environ.pop("MLFLOW_TRACKING_URI", None)
        if asked is not None:
            os.environ["MLFLOW_TRACKING_URI"] = asked
        is_made = self._lock is None or (self._file.exists() and not self._lock.path.exists())
        with nullcontext() if is_made else self._alone():
            client = mlflow.MlflowClient()
            client.search_registered_models(max_results=1)  # by now all tables are there
        return client

    def _alone(self) -> AbstractContextManager[None]:
        return self._lock.held() if self._lock else nullcontext()

    def versions(self) -> list[Version]:
        """All versions, oldest first."""
        with self._told():
            found = self._client.search_model_versions(f"name='{self.name}'", max_results=10_000)
        versions = [
            Version(
                int(one.version),
                date.fromisoformat(one.tags["as_of"]),
                one.tags["promoted"] == "true",
                one.run_id,
                tuple(one.tags["boosters"].split()),
            )
            for one in found
        ]
        return sorted(versions, key=lambda one: one.number)

    def champion(self, not_after: date | None = None) -> Version | None:
        """The promoted version with the newest training day, of those trained on what was known by `not_after`."""
        promoted = [one for one in self.versions() if one.promoted and (not_after is None or one.as_of <= not_after)]
        return max(promoted, key=lambda one: (one.as_of, one.number), default=None)

    def load(self, found: Version) -> Champion:
        """The champion of a version, from JSON and LightGBM text."""
        import lightgbm as lgb
        import mlflow

        here = self._folder / found.run_id / "artifacts" / "champion" if self._folder and self._moves else None
        if here is not None and here.is_dir():
            folder = here  # The ledger may have been moved since, with its models; MLflow would look where they were.
        else:
            with self._told():
                folder = Path(mlflow.artifacts.download_artifacts(run_id=found.run_id, artifact_path="champion", tracking_uri=self.uri))
        boosters = {name: lgb.Booster(model_file=folder / f"{name}.txt") for name in found.boosters}
        return Champion.from_parts((folder / "champion.json").read_text(), boosters)

    def register(
        self,
        champion: Champion,
        *,
        promoted: bool,
        params: Mapping[str, Any],
        metrics: Mapping[str, float],
        files: Mapping[str, Path],
    ) -> Version:
        """Log one training run and register what came of it; a promoted one becomes the alias `champion`, another `challenger`."""
        import mlflow

        with self._told("written"), self._alone():
            client = self._client
            boosters = champion.boosters
            with mlflow.start_run(experiment_id=self._experiment(), run_name=f"train {champion.as_of}") as run:
                mlflow.log_params({key: str(value)[:500] for key, value in params.items()})
                mlflow.log_metrics({key: float(value) for key, value in metrics.items() if value == value})
                mlflow.log_text(champion.to_json(), "champion/champion.json")
                for name, booster in boosters.items():
                    mlflow.log_text(booster.model_to_string(), f"champion/{name}.txt")
                for folder, path in files.items():
                    mlflow.log_artifact(str(path), folder or None)
            tags = {"as_of": champion.as_of.isoformat(), "promoted": str(promoted).lower(), "boosters": " ".join(boosters)}
            if not client.search_registered_models(f"name='{self.name}'"):
                client.create_registered_model(self.name)
            made = client.create_model_version(self.name, source=f"runs:/{run.info.run_id}/champion", run_id=run.info.run_id, tags=tags)
            client.set_registered_model_alias(self.name, "champion" if promoted else "challenger", made.version)
            return Version(int(made.version), champion.as_of, promoted, run.info.run_id, tuple(boosters))

    def _experiment(self) -> str:
        """The experiment whose files lie with the ledger: another one after the ledger was moved."""
        place = self._folder.as_uri() if self._folder else None
        found = self._client.search_experiments(filter_string=f"name LIKE '{EXPERIMENT}%'")
        for one in found:
            if not self._moves or one.artifact_location == place:
                return str(one.experiment_id)
        name = f"{EXPERIMENT}-{len(found) + 1}" if found else EXPERIMENT
        return str(self._client.create_experiment(name, artifact_location=place))

    @contextmanager
    def _told(self, what: str = "read") -> Iterator[None]:
        """What the store cannot do, said in a line: MLflow speaks of its database instead."""
        from mlflow.exceptions import MlflowException
        from sqlalchemy.exc import SQLAlchemyError

        try:
            yield
        except (MlflowException, SQLAlchemyError, OSError, ImportError) as error:
            why = without_password(str(error).partition("\n")[0])[:SHOWN]
            remedy = {"read": "give the right one with --store, or restore this one from a backup", "written": "mend that, and train again"}
            raise RefusedError(f"the model store {self.shown} cannot be {what}: {why}; {remedy[what]}") from None
