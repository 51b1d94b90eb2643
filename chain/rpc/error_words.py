"""The words in which nodes and providers say what is wrong, by what they mean for us.

Promises: a pure table. What matches nothing here is not lost: `chain.rpc.pool` asks another node
about it.
Assumes: the texts of geth, erigon, nethermind, besu, reth, anvil, hardhat and ganache, and of the
usual providers. A range of logs that is too large has its own table, `chain.rpc.log_limits`; so has
a refused transaction, `chain.send.txpool_errors`.
"""

from __future__ import annotations

import re

PRUNED = re.compile(
    r"missing trie node|pruned|prune mode|history (?:is )?(?:unavailable|not available|expired)|"
    r"historical state .*not available|required historical state|world state unavailable|"
    r"(?:missing|no) (?:historical )?state (?:available|data|for)|"
    r"state (?:is )?(?:not available|unavailable)|"
    r"state histor(?:y|ies) .*not available|state already discarded|"
    r"(?:requires?|needs?|use|only (?:available|supported) (?:on|in)) (?:an? )?archiv(?:e|al)|"
    r"(?:not an?|without) archiv(?:e|al)|"
    r"archive (?:node|data|state|request)s? (?:is |are )?(?:require|not)|"
    r"block (?:is )?too old|before the earliest available",
    re.IGNORECASE,
)
UNKNOWN_BLOCK = re.compile(
    r"header not found|header for hash not found|unknown block|block not found|"
    r"missing block|block #?\d* ?not found|BlockOutOfRange|"
    r"block ?hash cannot be found|invalid block tag 0x[0-9a-f]+|"
    r"resource not found|after last accepted block|greater than latest|"
    r"requested .*block.* (?:does not exist|not (?:yet )?available)|"
    r"one of the blocks specified in filter .* cannot be found|"
    r"invalid block range params|begin block .* greater than current|beyond (?:the )?"
    r"(?:current )?head|could not find block|"
    r"(?:block |\")(?:finalized|safe|pending|\d+)\"? (?:is )?not available|"
    r"(?:finalized|safe|pending) block (?:is )?not (?:available|found)|"
    r"^\"?(?:finalized|safe|pending|\d+)\"? could not be found",
    re.IGNORECASE,
)
# geth, erigon, besu, reth, anvil: "execution reverted"; hardhat, ganache, Frontier: "VM Exception
# while processing transaction: revert"; OpenEthereum, old Nethermind: "VM execution error" -32015.
REVERTED = re.compile(r"\brevert(?:ed|s)?\b|VM execution error", re.IGNORECASE)
ACCESS = re.compile(
    r"unauthori[sz]ed|unauthenticated|not (?:been )?(?:authori[sz]ed|authenticated)|"
    r"must (?:be authenticated|authenticate)|authenti\w+ (?:is )?(?:required|failed|error|failure)|"
    r"authori[sz]ation (?:is )?(?:required|failed|error|failure)|access (?:is )?denied|"
    r"permission denied|forbidden|payment (?:is )?required|"
    r"(?:invalid|missing|unknown|wrong|expired|provide|no|bad) (?:an? |valid |your )*"
    r"(?:api|access|app|auth|project|authori[sz]ation)[ _-]?(?:key|token|id|secret)|"
    r"(?:api|access|project|app)[ _-]?(?:key|token|id|secret)s? (?:is |was |has |not )*"
    r"(?:required|invalid|missing|unknown|expired|disabled|revoked|inactive|provided|found|"
    r"allowed|been)|project ID settings|"
    r"(?:app|application|project|account|tenant|subscription|key|plan|endpoint|user|token) "
    r"(?:is |has |was |been )*(?:not active|inactive|disabled|suspended|deactivated|expired|paused|"
    r"blocked|deleted|cancell?ed|archived|unpaid|frozen)|"
    r"(?:not|n't) (?:available|included|supported|enabled|allowed|permitted|accessible) "
    r"(?:on|in|for|by|with|under) (?:your |the |this |an? )*(?:\w+ )?"
    r"(?:plan|tier|key|account|app|project|subscription|free ?tier)|"
    r"upgrade (?:your|to an?|the) |trial (?:has |is )?(?:ended|expired|over)|"
    r"(?:invalid|missing|expired|bad) (?:jwt|token|credentials?)|"
    r"(?:origin|ip|referr?er|host|domain|user.?agent)\b.{0,40}"
    r"not (?:allowed|permitted|white-?listed)",
    re.IGNORECASE,
)
# A chain's or a pool's own rules about a transaction; no word on who may ask.
OF_A_TRANSACTION = re.compile(r"sender|transaction|nonce|signature|gas|\bfee|\btx\b", re.IGNORECASE)
# What any node would say of the request: the EVM failed, the account cannot pay, the call is wrong.
OF_THE_REQUEST = re.compile(
    r"out of gas|gas required exceeds|exceeds (?:the )?(?:gas )?allowance|intrinsic gas|gas limit|"
    r"gas too low|gas uint64 overflow|fee ?cap|max fee per gas|priority fee|gas ?price|"
    r"insufficient (?:funds|balance)|enough (?:funds|balance)|"
    r"(?:invalid|bad) (?:opcode|instruction)|"
    r"stack (?:under|over)flow|stack limit|invalid jump|write protection|contract creation|"
    r"max code size|nonce (?:is )?too|nonce has|call depth|execution (?:failed|aborted)|evm error",
    re.IGNORECASE,
)
RATE = re.compile(
    r"rate.?limit|too many requests|request limit|requests per second|"
    r"exceeded (?:its|your|the) (?:compute|capacity|daily|throughput|quota)|"
    r"compute units per second|capacity exceeded|daily request count|credits? (?:exhausted|limit)|"
    r"throttl",
    re.IGNORECASE,
)
BUSY = re.compile(
    r"indexing is in progress|not (?:fully )?synced|still syncing|server is busy|"
    r"no backend is currently healthy|backend .*unavailable|service unavailable|"
    r"temporar(?:y|ily)|try again|upstream|internal (?:server )?error|request timed out|"
    r"context deadline exceeded|execution timeout",
    re.IGNORECASE,
)
BATCH = re.compile(
    r"batch|(?:requests|calls|payloads|items|methods) (?:in|per) (?:an? |one |the |single |json)+|"
    r"(?:multiple|array of|several) (?:requests|calls)|(?:json )?arrays? (?:is|are) not",
    re.IGNORECASE,
)
RETRY_IN = re.compile(
    r"(?:retry|try again) (?:in|after) (\d+(?:\.\d+)?) ?(ms|s|sec)?", re.IGNORECASE
)
