"""`python -m oracle --check`, or `doctor`: what the oracle needs, looked at without starting it.

Promises: changes nothing, takes no lease; each check is bounded and independent of the others; no
secret is printed. Without a readable key all that needs none is checked all the same.
"""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path

from eth_utils.address import to_checksum_address
from pymongo.errors import PyMongoError

from chain.hexes import ZERO_ADDRESS
from chain.identity import WrongChain
from chain.rpc.errors import ExecutionReverted, RpcError
from chain.rpc.pool import NodeRpc
from chain.send import mongo_store
from chain.send.balance import BalanceLevel
from chain.send.signer import Signer, SignerAway, SignerError
from chain.service_checks import ServiceChecks, opened
from chain.views import OperatorView
from common.checks.database import Access, lease_words
from common.checks.rows import Check, CheckFailed, CheckLevel, CheckResult, Once, examine
from common.clock import Clock, Rng, SystemClock
from common.playback_key import PlaybackKeyError, PlaybackKeys
from common.settings import OracleSettings
from indexer.documents import CHECKPOINT, EVENTS, OPERATORS, ROOMS, TERMS
from indexer.index_check import IndexCheck
from indexer.reader import AsyncReader
from oracle import journal, recordings
from oracle.bootstrap import LEASES, Oracle, build
from oracle.cli.read_only import ReadOnlySigner
from oracle.cloudflare.errors import CloudflareError
from oracle.cloudflare.live_input_spec import owner_of
from oracle.cloudflare.models import ListedInput, LiveInput
from oracle.cloudflare.transport import Transport
from oracle.connections import Connections, command_client, open_connections, open_signer
from oracle.contract_standing import ContractStanding, read_standing
from oracle.playback_proof import ProofVerdict, prove

READS = (ROOMS, EVENTS, OPERATORS, TERMS, CHECKPOINT)
WRITES = (journal.COLLECTION, recordings.COLLECTION, LEASES, *mongo_store.collections())
MOST_LOOKED_AT = 20
KEY_SECONDS = 30.0
"""A keystore is slow to open on purpose: a second or two, and ten on a small machine at work."""


async def look(settings: OracleSettings) -> list[CheckResult]:
    """A row for each thing that the oracle needs."""
    clock, rng = SystemClock(), random.Random()  # noqa: S311  (jitter)
    connections = open_connections(settings, clock, rng)
    try:
        async with opened(settings, clock, rng, pool=connections.pool) as checks:
            doctor = Doctor(settings, connections, checks, clock, rng)
            return await examine(doctor.rows(), checks.explain, seconds=KEY_SECONDS)
    finally:
        await connections.close()


class Doctor:
    """The checks, on an oracle that is built and does not run."""

    def __init__(
        self,
        settings: OracleSettings,
        connections: Connections,
        checks: ServiceChecks,
        clock: Clock,
        rng: Rng,
    ) -> None:
        self._settings = settings
        self._connections = connections
        self._checks = checks
        self._clock = clock
        self._rng = rng
        self._oracle = self._built(ZERO_ADDRESS)
        # one that may ask whatever it likes: these questions have no effect
        self._cloudflare = command_client(settings, connections.cloudflare, clock)
        self._signer: Once[Signer] = Once(lambda: open_signer(settings, connections.signer_http))
        self._deployed: Once[str] = Once(lambda: checks.deployed(settings.contract))
        self._listed: Once[tuple[ListedInput, ...]] = Once(self._cloudflare.list_inputs)
        self._operator_view: Once[OperatorView] = Once(self._read_operator)

    def _built(self, account: str) -> Oracle:
        signer = ReadOnlySigner(to_checksum_address(account))
        return build(self._settings, self._connections, signer, self._clock, self._rng)

    def rows(self) -> list[Check]:
        """Every check, in the order in which an operator puts things right."""
        settings, checks = self._settings, self._checks
        reader = AsyncReader(checks.mongo[settings.mongodb_database], [settings.contract.address])
        index = IndexCheck(reader, settings.contract, settings.chain_id, checks.head)
        return [
            checks.given(),
            *checks.nodes(),
            checks.heads(),
            Check("contract", self._contract),
            Check("key", self._key),
            Check("operator", self._operator),
            Check("balance", self._balance),
            checks.clock(),
            Check("database", self._database),
            Check("index", index.look),
            Check("Cloudflare token", self._token),
            Check("Cloudflare account", self._account),
            *self._playback_rows(),
            checks.port("ORACLE_HTTP", settings.oracle_http),
        ]

    # --- the chain ------------------------------------------------------------------------------

    async def _contract(self) -> str:
        address = await self._deployed()
        state = await self._checks.ask(self._read_standing)
        if state.crowded is not None:
            fix = "ask the contract's owner (docs/scripts.md, successor=on)"
            raise CheckFailed(f"{address}: {state.crowded}", fix, CheckLevel.WARN)
        return address if state.retirement is None else f"{address}; {state.retirement}"

    async def _read_standing(self, node: NodeRpc) -> ContractStanding:
        snapshot = await self._oracle.snapshot_reader.read(node)
        return await read_standing(snapshot, self._settings.oracle_operator_id)

    async def _read_operator(self) -> OperatorView:
        async def question(node: NodeRpc) -> OperatorView:
            snapshot = await self._oracle.snapshot_reader.read(node)
            return await snapshot.operator(self._settings.oracle_operator_id)

        try:
            await self._deployed()
        except WrongChain:
            raise CheckFailed(
                "not checked, since the contract is not as it should be", "correct that, see above"
            ) from None
        return await self._checks.ask(question)

    async def _key(self) -> str:
        try:
            signer = await self._signer()
            await signer.check()
        except SignerAway as error:
            fix = "start the remote signer, or correct ORACLE_SIGNER_URL"
            raise CheckFailed(str(error), fix) from None
        except SignerError as error:
            fix = 'correct it as said (docs/operations.md, "Keys")'
            raise CheckFailed(str(error), fix) from None
        return f"signs for {signer.address.lower()}"

    async def _key_account(self) -> str | None:
        """The key's account; None if there is no key, which is told in a row of its own."""
        try:
            return (await self._signer()).address.lower()
        except SignerError:
            return None

    async def _operator(self) -> str:
        number = self._settings.oracle_operator_id
        try:
            operator = await self._operator_view()
        except ExecutionReverted:
            raise CheckFailed(
                f"the contract has no operator {number}",
                "correct ORACLE_OPERATOR_ID, or have the owner add the operator (docs/scripts.md)",
            ) from None
        if operator.account == ZERO_ADDRESS:
            raise CheckFailed("revoked", "have the owner set the operator's account again")
        account = await self._key_account()
        if account is not None and operator.account != account:
            raise CheckFailed(
                f"the operator's account is {operator.account}, but the key is for {account}",
                "configure the key of that account, or rotate the account (docs/operate.md)",
            )
        switches = [("accepting", operator.accepting), ("enabled", operator.enabled)]
        off = [name for name, on in switches if not on]
        closed = f"; accepts no new rooms (not {' and not '.join(off)})" if off else ""
        return (
            f"{operator.account}, fees to {operator.payee}, "
            f"playback base {operator.playback_base}{closed}"
        )

    async def _balance(self) -> str:
        account = await self._key_account() or (await self._operator_view()).account
        oracle = self._built(account)
        with suppress(PyMongoError):  # then the pace is not known
            await oracle.recall_spending()
        report = await self._checks.of_the_chain(oracle.monitor.balance.check())
        if report.level is not BalanceLevel.OK:
            low = CheckLevel.WARN if report.level is BalanceLevel.WARN else CheckLevel.FAIL
            raise CheckFailed(report.message, f"send ether to {account}", low)
        return report.message

    # --- the database ---------------------------------------------------------------------------

    async def _database(self) -> str:
        own, index = self._settings.oracle_database, self._settings.mongodb_database
        told = await self._checks.database([Access(own, WRITES, writes=True), Access(index, READS)])
        name = self._oracle.service.lease.name
        return f"{told}; {await lease_words(self._oracle.lease_store, name)}"

    # --- Cloudflare -----------------------------------------------------------------------------

    async def _token(self) -> str:
        try:
            report = await self._cloudflare.verify_token()
        except CloudflareError as error:
            raise CheckFailed(str(error), "check the network and CLOUDFLARE_API_BASE") from None
        if not report.ok:
            raise CheckFailed(
                "; ".join(report.problems), "create a token with Account > Stream > Edit"
            )
        until = f", until {report.expires_on:%Y-%m-%d}" if report.expires_on else ""
        return f"{report.status}, read and write{until}"

    async def _account(self) -> str:
        """Whether the operator's live inputs play where the contract says."""
        try:
            base = (await self._operator_view()).playback_base
        except (CheckFailed, RpcError):
            base = None  # said in a row of its own
        try:
            listed = await self._listed()
            ours = [entry for entry in listed if owner_of(entry.meta) is not None]
            if not ours or base is None:
                return f"{len(listed)} live inputs, none of them ours: playback base not checked"
            url = (await self._cloudflare.get(ours[-1].uid)).input.playback.webrtc or ""
        except CloudflareError as error:
            raise CheckFailed(str(error), "see the Cloudflare token check above") from None
        if not url.startswith(base + "/"):
            raise CheckFailed(
                f"the account's live inputs do not play at {base}",
                "the operator uses another Cloudflare account: correct CLOUDFLARE_ACCOUNT_ID or "
                "ORACLE_OPERATOR_ID",
            )
        return f"{len(listed)} live inputs, {len(ours)} of ours, playing at {base}"

    # --- rooms for some only --------------------------------------------------------------------

    def _playback_rows(self) -> list[Check]:
        """None without a key's file: then this operator offers no such rooms."""
        if not Path(self._settings.playback_key_file).exists():
            return []
        return [Check("playback key", self._playback_key), Check("gated playback", self._gated)]

    def _load_keys(self) -> PlaybackKeys:
        path = self._settings.playback_key_file
        try:
            keys = PlaybackKeys.load(Path(path))
        except PlaybackKeyError as error:
            raise CheckFailed(str(error), "correct PLAYBACK_KEY_FILE, or the file") from None
        if keys.account != self._settings.cloudflare_account_id:
            raise CheckFailed(
                f"{path} is of another Cloudflare account",
                "correct PLAYBACK_KEY_FILE or CLOUDFLARE_ACCOUNT_ID",
            )
        return keys

    async def _playback_key(self) -> str:
        keys = self._load_keys()
        try:
            known = {entry.kid for entry in await self._cloudflare.keys()}
        except CloudflareError as error:
            raise CheckFailed(str(error), "see the Cloudflare token check above") from None
        if keys.current.kid not in known:
            raise CheckFailed(
                f"Cloudflare does not know key {keys.current.kid}: it refuses every token of it",
                "python -m oracle playback-key rotate",
            )
        former = [entry.kid for entry in keys.former if entry.kid in known]
        others = len(known) - 1 - len(former)
        told = [f"key {keys.current.kid}"]
        told += [f"former ones to be deleted: {', '.join(former)}"] if former else []
        told += [f"{others} in the account that the file does not hold"] if others else []
        return "; ".join(told)

    async def _gated(self) -> str:
        """Whether the plain uid of a gated live input is refused, and a token plays."""
        key = self._load_keys().current
        try:
            live = await self._gated_input()
        except CloudflareError as error:
            raise CheckFailed(str(error), "see the Cloudflare token check above") from None
        if live is None:
            return (
                "not proven: no gated room has a live input (python -m oracle playback-key prove)"
            )
        transport = Transport(self._connections.cloudflare, self._clock)
        found = await prove(transport, live, key, self._clock.now())
        told = "; ".join(f"{way} {verdict}: {why}" for way, verdict, why in found)
        verdicts = {finding.verdict for finding in found}
        if ProofVerdict.WRONG in verdicts:
            raise CheckFailed(
                f"live input {live.uid}: {told}",
                'docs/operations.md, "Playback keys"',
            )
        if ProofVerdict.NOT_PROVEN in verdicts:
            raise CheckFailed(
                f"live input {live.uid}: {told}",
                "look again while somebody broadcasts there",
                CheckLevel.WARN,
            )
        return told

    async def _gated_input(self) -> LiveInput | None:
        """The newest of our live inputs that wants signed URLs, among the last few."""
        ours = [entry.uid for entry in await self._listed() if owner_of(entry.meta) is not None]
        for uid in reversed(ours[-MOST_LOOKED_AT:]):
            live = (await self._cloudflare.get(uid)).input
            if live.recording.require_signed_urls and live.enabled:
                return live
        return None
