"""One writer at a time: a lock that processes share by a file, and that the system lifts when its holder ends, however it ends.

The library `filelock` leaves its file behind, also in a place where a first load was refused.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ledger.errors import RefusedError
from ledger.progress import Progress, silent

PAUSE = 0.1
WAIT, READER_WAIT = 60.0, 10.0
"""Seconds that a writer waits for another one, and a reader while a commit is moved to its place."""


def attempts(seconds: float) -> Iterator[int]:
    """The numbers of attempts that are made within so many seconds, a pause between them.

    >>> list(attempts(0)), list(attempts(0.2))
    ([0], [0, 1])
    """
    for number in range(max(1, round(seconds / PAUSE))):
        if number:
            time.sleep(PAUSE)
        yield number


def being_written(place: object) -> RefusedError:
    """The refusal where somebody else writes to a place for longer than we wait."""
    return RefusedError(f"{place} is being written by another process: wait until that is done, and run this again")


class Lock:
    """The lock on `place`, which the file `path` stands for while it is held. Its holder may take it again.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     mine, theirs = (Lock(Path(folder, ".lock"), folder) for _ in range(2))
    ...     with mine.held():
    ...         print(mine.take(), theirs.take())
    ...     theirs.take()
    True False
    True
    """

    def __init__(self, path: Path, place: object) -> None:
        self.path, self.place = path, place
        self._file: int | None = None

    @contextmanager
    def held(self, progress: Progress = silent, seconds: float | None = None) -> Iterator[None]:
        """Hold the lock; where somebody else has it wait, and after `seconds` refuse. Folders made for it go again if they stay empty."""
        if self._file is not None:
            yield
            return
        made = [folder for folder in self.path.parents if not folder.exists()]
        for _ in attempts(WAIT if seconds is None else seconds):
            if self.take():
                break
            progress(f"waiting for another process that writes to {self.place}")
        else:
            raise being_written(self.place)
        try:
            yield
        finally:
            self.release()
            with suppress(OSError):
                for folder in made:
                    folder.rmdir()

    def take(self) -> bool:
        """Take the lock if nobody else has it."""
        if self._file is not None:
            return True
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
        except FileNotFoundError:  # its last holder has just removed the folder
            return False
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The last holder removes the file: who waited for that one holds nothing.
            if os.path.samestat(os.fstat(file), self.path.stat()):
                self._file = file
                return True
        except (BlockingIOError, FileNotFoundError):
            pass
        os.close(file)
        return False

    def release(self) -> None:
        if self._file is not None:
            self.path.unlink(missing_ok=True)
            os.close(self._file)
            self._file = None
