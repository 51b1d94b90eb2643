"""`python -m api`: reads the settings, checks the chain, serves until SIGTERM or SIGINT.

Ends with 2 if a setting is missing or malformed, 3 if the node is of another chain or the contract
has no code. A node that does not answer is no reason not to serve: only transactions need it.
"""

from __future__ import annotations

import sys

import api.server.gevent_patch  # noqa: F401  # first
from api.server.shared_folder import shared_folder

with shared_folder() as folder:
    from api.server.run import main

    sys.exit(main(folder))
