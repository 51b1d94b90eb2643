"""A temporary folder for what workers share: rate-limit counters and metrics.

Promises: made by the master, removed by it when it ends.
Assumes: entered before `prometheus_client` is imported, which looks for its folder at import.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def shared_folder(service: str) -> Iterator[Path]:
    """The folder, named to prometheus_client by its variable."""
    folder = Path(tempfile.mkdtemp(prefix=f"livestream-{service}-"))
    master = os.getpid()
    try:
        (folder / "metrics").mkdir()
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder / "metrics")
        yield folder
    finally:
        if os.getpid() == master:  # a worker that ends by sys.exit comes by here, too
            shutil.rmtree(folder, ignore_errors=True)
