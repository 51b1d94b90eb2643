"""What the stand-in remembers, in one SQLite file.

Promises: a call that writes returns only after the data is synced to disk (WAL, synchronous
FULL), so kill -9 loses nothing acknowledged; each call is one transaction.
Assumes: one process per state directory; a second one is refused with a clear error. The file
holds secrets in clear, since it plays Cloudflare; it is created readable by its owner only.
On restart: opens the same file and goes on.
"""

import os
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from localnet.stream.model import RTMPS_URL, StandInLiveInput, dump, load_input
from localnet.stream.video import StandInVideo, load_video

_SCHEMA = """
CREATE TABLE IF NOT EXISTS inputs (
  n INTEGER PRIMARY KEY AUTOINCREMENT, uid TEXT UNIQUE NOT NULL, account TEXT NOT NULL,
  deleted INTEGER NOT NULL, doc TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS inputs_by_account ON inputs (account, deleted, n);
CREATE TABLE IF NOT EXISTS idempotency (
  account TEXT NOT NULL, key TEXT NOT NULL, uid TEXT NOT NULL, created REAL NOT NULL,
  body TEXT NOT NULL, PRIMARY KEY (account, key));
CREATE TABLE IF NOT EXISTS secrets (
  value TEXT PRIMARY KEY, uid TEXT NOT NULL, kind TEXT NOT NULL, issued REAL NOT NULL);
CREATE TABLE IF NOT EXISTS outputs (
  uid TEXT PRIMARY KEY, input TEXT NOT NULL, url TEXT NOT NULL, stream_key TEXT NOT NULL,
  enabled INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS videos (
  n INTEGER PRIMARY KEY AUTOINCREMENT, uid TEXT UNIQUE NOT NULL, account TEXT NOT NULL,
  input TEXT NOT NULL, doc TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS videos_by_input ON videos (account, input);
CREATE TABLE IF NOT EXISTS signing_keys (
  n INTEGER PRIMARY KEY AUTOINCREMENT, kid TEXT UNIQUE NOT NULL, account TEXT NOT NULL,
  created REAL NOT NULL, public_pem TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class IdempotencyRow:
    """A key that created an input: `created` in seconds, `body` the digest of the request."""

    account: str
    key: str
    uid: str
    created: float
    body: str


@dataclass(frozen=True, slots=True)
class Output:
    """A restream target of an input."""

    uid: str
    input: str
    url: str
    stream_key: str
    enabled: bool


@dataclass(frozen=True, slots=True)
class SigningKeyRow:
    """A signing key of an account's: `created` in seconds, its public part in PEM."""

    kid: str
    account: str
    created: float
    public_pem: str


class StateInUseError(RuntimeError):
    """Another stand-in holds the state directory."""


class StandInStore:
    """The SQLite file `stream.sqlite3` of a state directory."""

    def __init__(self, directory: Path, rtmps_url: str = RTMPS_URL) -> None:
        """Opens or creates the file. Raises StateInUseError if another process holds it."""
        self.rtmps_url = rtmps_url
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = directory / "stream.sqlite3"
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._db = sqlite3.connect(path, timeout=1.0, isolation_level=None)
        try:
            self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(_SCHEMA)
        except sqlite3.OperationalError as error:
            self._db.close()
            raise StateInUseError(
                f"{path} is in use by another stand-in ({error}); stop it or take another --state"
            ) from error

    def close(self) -> None:
        self._db.close()

    # live inputs

    def put_input(self, live: StandInLiveInput, key: IdempotencyRow | None = None) -> None:
        """Writes an input, the secrets it holds (for ever, see `secrets`) and its key."""
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute(
                "INSERT INTO inputs (uid, account, deleted, doc) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (uid) DO UPDATE SET deleted = excluded.deleted, doc = excluded.doc",
                (live.uid, live.account, live.deleted is not None, dump(live)),
            )
            self._db.executemany(
                "INSERT OR IGNORE INTO secrets VALUES (?, ?, ?, ?)",
                [
                    (value, live.uid, kind, live.modified)
                    for kind, value in live.credentials.secrets().items()
                ],
            )
            if key is not None:
                self._db.execute(
                    "INSERT OR REPLACE INTO idempotency VALUES (?, ?, ?, ?, ?)",
                    (key.account, key.key, key.uid, key.created, key.body),
                )

    def input(self, uid: str) -> StandInLiveInput | None:
        """The input or its tombstone."""
        row = self._db.execute("SELECT doc FROM inputs WHERE uid = ?", (uid,)).fetchone()
        return None if row is None else load_input(row[0], self.rtmps_url)

    def inputs(
        self, account: str | None = None, *, deleted: bool = False
    ) -> list[StandInLiveInput]:
        """Inputs oldest first, of one account or of all; with tombstones if `deleted`."""
        rows = self._db.execute(
            "SELECT doc FROM inputs WHERE (?1 IS NULL OR account = ?1) AND deleted <= ?2 "
            "ORDER BY n",
            (account, deleted),
        )
        return [load_input(doc, self.rtmps_url) for (doc,) in rows]

    def idempotency(self, account: str, key: str) -> IdempotencyRow | None:
        row = self._db.execute(
            "SELECT account, key, uid, created, body FROM idempotency WHERE account = ? "
            "AND key = ?",
            (account, key),
        ).fetchone()
        return None if row is None else IdempotencyRow(*row)

    def secrets(self) -> list[tuple[str, str, str]]:
        """Every secret ever issued, rotated and deleted ones too: (uid or kid, kind, value)."""
        return list(self._db.execute("SELECT uid, kind, value FROM secrets ORDER BY issued"))

    # outputs

    def put_output(self, output: Output) -> None:
        with self._db:
            self._db.execute(
                "INSERT OR REPLACE INTO outputs VALUES (?, ?, ?, ?, ?)",
                (output.uid, output.input, output.url, output.stream_key, output.enabled),
            )

    def outputs(self, uid: str) -> list[Output]:
        rows = self._db.execute("SELECT * FROM outputs WHERE input = ? ORDER BY rowid", (uid,))
        return [Output(row[0], row[1], row[2], row[3], bool(row[4])) for row in rows]

    def drop_output(self, uid: str) -> None:
        with self._db:
            self._db.execute("DELETE FROM outputs WHERE uid = ?", (uid,))

    # videos

    def put_video(self, video: StandInVideo) -> None:
        with self._db:
            self._db.execute(
                "INSERT INTO videos (uid, account, input, doc) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (uid) DO UPDATE SET doc = excluded.doc",
                (video.uid, video.account, video.live_input, dump(video)),
            )

    def video(self, uid: str) -> StandInVideo | None:
        row = self._db.execute("SELECT doc FROM videos WHERE uid = ?", (uid,)).fetchone()
        return None if row is None else load_video(row[0])

    def videos(
        self, account: str | None = None, live_input: str | None = None
    ) -> list[StandInVideo]:
        """Videos newest first."""
        rows = self._db.execute(
            "SELECT doc FROM videos WHERE (?1 IS NULL OR account = ?1) "
            "AND (?2 IS NULL OR input = ?2) ORDER BY n DESC",
            (account, live_input),
        )
        return [load_video(doc) for (doc,) in rows]

    def drop_videos(self, uids: Iterable[str]) -> None:
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("DELETE FROM videos WHERE uid = ?", [(uid,) for uid in uids])

    # signing keys

    def put_signing_key(self, key: SigningKeyRow, secrets: Iterable[str]) -> None:
        """Writes a key, and (for ever) the `secrets` that tell its private part."""
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute(
                "INSERT INTO signing_keys (kid, account, created, public_pem) VALUES (?, ?, ?, ?)",
                (key.kid, key.account, key.created, key.public_pem),
            )
            self._db.executemany(
                "INSERT OR IGNORE INTO secrets VALUES (?, ?, ?, ?)",
                [(value, key.kid, "signing_key", key.created) for value in secrets],
            )

    def signing_key(self, kid: str) -> SigningKeyRow | None:
        row = self._db.execute(
            "SELECT kid, account, created, public_pem FROM signing_keys WHERE kid = ?", (kid,)
        ).fetchone()
        return None if row is None else SigningKeyRow(*row)

    def signing_keys(self, account: str) -> list[SigningKeyRow]:
        """Oldest first."""
        rows = self._db.execute(
            "SELECT kid, account, created, public_pem FROM signing_keys WHERE account = ? "
            "ORDER BY n",
            (account,),
        )
        return [SigningKeyRow(*row) for row in rows]

    def drop_signing_key(self, kid: str) -> None:
        with self._db:
            self._db.execute("DELETE FROM signing_keys WHERE kid = ?", (kid,))

    # facts

    def fact(self, name: str) -> str | None:
        """A remembered value by name (clock offset, the /token endpoint's key)."""
        row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def put_fact(self, name: str, value: str) -> None:
        with self._db:
            self._db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))
