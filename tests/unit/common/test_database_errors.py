"""What the database's errors mean, in a sentence with the setting and without the password."""

from __future__ import annotations

import pytest
from pymongo.errors import (
    AutoReconnect,
    ConfigurationError,
    DuplicateKeyError,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)

from common.database_errors import DatabaseErrors

URI = "mongodb://ann:p%40ss-word@db1:27017,db2:27018/?replicaSet=rs0&authSource=users"
OURS = DatabaseErrors.of(URI)
DUMP = ", Timeout: 5.0s, Topology Description: <TopologyDescription id: 6b, topology_type: Unknown>"
REFUSED = (
    "MONGODB_URI: the database refuses user 'ann' or its password (looked up in 'users', "
    "authSource=): correct them, or the user there"
)


def selection(words: str) -> PyMongoError:
    return ServerSelectionTimeoutError(words + DUMP)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OperationFailure("Authentication failed.", 18, {}), REFUSED),
        (OperationFailure("bad auth : authentication failed", 8000, {}), REFUSED),
        (OperationFailure('Could not find user "ann" for db "users"', 11, {}), REFUSED),
        (selection("Authentication failed., full error: {'ok': 0.0, 'code': 18}"), REFUSED),
        (AutoReconnect("authentication failed, full error: {'code': 18}"), REFUSED),
        (
            OperationFailure("Reauthentication required", 391, {}),
            "the database wants user 'ann' to log in again: MONGODB_URI is tried again",
        ),
        (
            OperationFailure("command find requires authentication", 13, {}),
            "the database wants user 'ann' to log in again: MONGODB_URI is tried again",
        ),
        (
            OperationFailure('not authorized on lr to execute command { insert: "x" }', 13, {}),
            "MONGODB_URI: user 'ann' lacks a right on the database 'lr' (insert): grant it the role"
            " readWrite there",
        ),
        (
            OperationFailure('not authorized on lr to execute command { find: "x" }', 13, {}),
            "MONGODB_URI: user 'ann' lacks a right on the database 'lr' (find): grant it the role"
            " read there",
        ),
        (
            selection('No replica set members available for replica set name "rs0"'),
            "MONGODB_URI: none of db1:27017,db2:27018 belongs to the replica set 'rs0'"
            " (replicaSet=): correct the name, or leave it out",
        ),
        (
            selection('No replica set members match selector "Primary()"'),
            "the replica set has no primary now: it elects one, or lacks a majority",
        ),
        (
            NotPrimaryError("not primary", {"code": 10107}),
            "the replica set has no primary now: it elects one, or lacks a majority",
        ),
        (
            selection("db1:27017: [Errno -2] Name or service not known"),
            "MONGODB_URI: the host name of db1:27017 is unknown: correct it",
        ),
        (
            ConfigurationError("The DNS query name does not exist: _mongodb._tcp.db1."),
            "MONGODB_URI: the DNS has no mongodb+srv entry for db1:27017,db2:27018: correct the"
            " name",
        ),
        (
            selection("db1:27017: [Errno 111] Connection refused (configured timeouts: x)"),
            "MONGODB_URI: nothing listens at db1:27017: start the database, or correct the address",
        ),
        (
            selection("db1:27017: [Errno 111] Connect call failed ('10.0.0.7', 27017) (configured"),
            "MONGODB_URI: nothing listens at db1:27017: start the database, or correct the address",
        ),
        (
            selection("db1:27017: [Errno 113] Connect call failed ('10.0.0.7', 27017) (configured"),
            "MONGODB_URI: db1:27017 cannot be reached: check network and address",
        ),
        (
            OperationFailure(
                'not authorized on lr to execute command { explain: { update: "x" } }', 13, {}
            ),
            "MONGODB_URI: user 'ann' lacks a right on the database 'lr' (update): grant it the role"
            " readWrite there",
        ),
        (
            selection(
                "SSL handshake failed: db1:27017: [SSL: CERTIFICATE_VERIFY_FAILED] certificate"
                " verify failed: self-signed certificate"
            ),
            "MONGODB_URI: the certificate of db1:27017 is not trusted: name the file of its"
            " authority with tlsCAFile=",
        ),
        (
            selection(
                "db1:27017: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Hostname"
                " mismatch, certificate is not valid for 'db1'"
            ),
            "MONGODB_URI: the certificate of db1:27017 is another host's: write the host as its"
            " certificate names it",
        ),
        (
            selection("SSL handshake failed: db1:27017: [SSL: WRONG_VERSION_NUMBER] wrong version"),
            "MONGODB_URI: db1:27017 does not answer in TLS: leave tls=true out, or switch TLS on at"
            " the database",
        ),
        (
            selection("db1:27017: connection closed (configured timeouts: socketTimeoutMS: 5.0ms)"),
            "MONGODB_URI: no answer from db1:27017 (db1:27017: connection closed): start it,"
            " correct the address; it may want TLS (tls=true)",
        ),
        (
            selection("Message length (1347703880) is larger than server max message size"),
            "MONGODB_URI: what answers at db1:27017,db2:27018 is no MongoDB: correct host and port",
        ),
        (
            NetworkTimeout("db1:27017: timed out (configured timeouts: x)"),
            "MONGODB_URI: db1:27017 does not answer in time: see that it runs; it is tried again",
        ),
        (
            AutoReconnect("db2:27018: connection closed (configured timeouts: x)"),
            "MONGODB_URI: db2:27018 hung up: see that it runs; it is tried again",
        ),
        (
            AutoReconnect("connection pool paused"),
            "MONGODB_URI: db1:27017,db2:27018 hung up: see that it runs; it is tried again",
        ),
        (
            DuplicateKeyError("E11000 on p@ss-word", 11000, {}),
            "DuplicateKeyError: E11000 on [hidden]",
        ),
    ],
)  # fmt: skip
def test_explain__an_error_of_the_driver__a_sentence_with_the_setting(
    error: PyMongoError, said: str
) -> None:
    assert OURS.explain(error) == said


@pytest.mark.parametrize("code", [18, 13, 391])
def test_explain__no_user_in_the_address__says_that_one_is_wanted(code: int) -> None:
    said = DatabaseErrors.of("mongodb://db/").explain(OperationFailure("no", code, {}))
    assert said == (
        "MONGODB_URI: the database wants a user and a password: write them into the address"
    )


def test_explain__a_cause_behind_another_error__found() -> None:
    error = AutoReconnect("pool paused")
    error.__cause__ = OperationFailure("Authentication failed.", 18, {})
    assert OURS.explain(error) == REFUSED


def test_repr__never_the_password() -> None:
    assert "ss-word" not in repr(OURS)
    assert "ss-word" not in OURS.explain(AutoReconnect(f"cannot reach {URI}"))
