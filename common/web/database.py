"""The database as a service asks it that has somebody waiting."""

from __future__ import annotations

from typing import Any

from pymongo import MongoClient


def connect(uri: str, service: str) -> MongoClient[dict[str, Any]]:
    """A client for one process; made after the fork. Time-outs in milliseconds."""
    return MongoClient(
        uri,
        connect=False,  # a name that the DNS does not know now must not end the process
        appname=f"livestream-{service}",
        connectTimeoutMS=2000,
        serverSelectionTimeoutMS=2000,
        socketTimeoutMS=4000,
        waitQueueTimeoutMS=2000,
        maxPoolSize=32,
        readPreference="primary",
    )
