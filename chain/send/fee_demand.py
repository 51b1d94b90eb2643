"""What a node wants to be paid, as its refusal of a transaction tells it: a pure reading of texts.

Promises: `read_demand` never raises. A number counts only if the words before it say that it is
wanted ("minimum needed", "want", "1 < 25"), and only in wei, a known unit, or as a fee of the whole
transaction, which is divided by its gas. What is absurd (an ether per gas) is left out: the demand
then names no number.
Assumes: a text that `txpool_errors` called UNDERPRICED. Addresses, hashes and ids in it are noise.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from eth_utils.units import units

from chain.units import ETHER


class Wanted(StrEnum):
    """TIP: a higher priority fee. PRICE: more per gas in all. BASE: room for the base fee."""

    TIP = "tip"
    PRICE = "price"
    BASE = "base"


class FeeDemand(NamedTuple):
    """What a refusal complains of, and the least that it names: wei per gas, 0 where it names none.

    `price`: base fee and tip together. `base`: the base fee that the node reckons with.
    """

    of: Wanted = Wanted.TIP
    tip: int = 0
    price: int = 0
    base: int = 0


_NOISE = re.compile(
    r"\[[^\]]*\]"  # [Request ID: ...]
    r"|\b0x[0-9a-f]{21,}\b"
    r"|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
    r"|https?://\S+"
    r"|\b(?:EIP|CIP|BEP|type|code|chain|block number|nonce)\W{0,3}\d+",
    re.IGNORECASE,
)
_UNITS = dict(units) | {"eth": units["ether"]}
_NUMBER = re.compile(
    r"(?<![\w.])(?P<number>0x[0-9a-f]{1,20}|\d{1,3}(?:[,_]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    rf"(?: ?(?P<unit>{'|'.join(sorted(_UNITS, key=len, reverse=True))})\b|(?P<glued>[a-z]+))?(?!\w)"
    r"(?P<wanted>['\")]* (?:is |are )?(?:needed|required|wanted|expected)\b(?!\W{0,3}\d))?",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"(?P<wanted>need(?:s|ed)?\b|require[sd]?\b|want(?:s|ed)?\b|expect(?:s|ed)?\b|at least|minim\w+"
    r"|\bmin\b|\bmin(?-i:(?=[A-Z_]))|(?:higher|greater|more|less|lower|smaller) than|\babove\b"
    r"|below|\bunder\b|\bfloor\b|suggest\w*|<|>=|\u2265|pool gas tip cap|base ?_?fee)"
    r"|(?P<offered>\bgot\b|\bha(?:ve|s)\b|provided|permitted|supplied|\bgiven\b|actual|\byours?\b"
    r"|\bsent\b|received|rejected|paid|offered|too low|\bmax_?fee|>)",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"(?P<tip>tip|priority|premium)|(?P<base>base ?_?fee)|(?P<price>(?<!under)price|fee)",
    re.IGNORECASE,
)
_BASE_COMPLAINT = re.compile(
    r"(?:less than|lower than|below|under|<) (?:the )?(?:block |current |next )*(?:'s )?base ?fee"
    r"|max_?fee_?per_?gas (?:is )?too low|fee ?cap (?:is )?(?:too low|less than|lower than|below)",
    re.IGNORECASE,
)
_TOTAL = re.compile(r"insufficient fee|provided fee|global fee|required fee", re.IGNORECASE)
_ABSURD = ETHER


def read_demand(text: str, gas: int) -> FeeDemand:
    """What the refusal `text` of a transaction with this gas limit asks for."""
    text = _NOISE.sub(" ", text)
    of_all = bool(_TOTAL.search(text))
    found = {Wanted.TIP: 0, Wanted.PRICE: 0, Wanted.BASE: 0}
    of_text = _field(text) or Wanted.TIP
    end, field = 0, of_text
    for match in _NUMBER.finditer(text):
        label, end = text[end : match.start()], match.end()
        # "tip 1 < 25": what follows a sign alone is of the same field.
        field = _field(label) or (field if label.strip() in ("<", ">") else of_text)
        wei = _wei(match)
        if wei is not None and of_all:
            field, wei = Wanted.PRICE, -(-wei // max(gas, 1))
        if wei is not None and wei < _ABSURD and (match["wanted"] or _is_wanted(label)):
            found[field] = max(found[field], wei)
    return FeeDemand(
        _complaint(text, found), found[Wanted.TIP], found[Wanted.PRICE], found[Wanted.BASE]
    )


def _complaint(text: str, found: dict[Wanted, int]) -> Wanted:
    if _BASE_COMPLAINT.search(text):
        return Wanted.BASE
    return Wanted.PRICE if found[Wanted.PRICE] > found[Wanted.TIP] else Wanted.TIP


def _field(words: str) -> Wanted | None:
    """What the last fee that `words` name is; a tip anywhere in them counts more than a price."""
    names = [Wanted(str(match.lastgroup)) for match in _FIELD.finditer(words)]
    if not names:
        return None
    return Wanted.TIP if names[-1] is Wanted.PRICE and Wanted.TIP in names else names[-1]


def _is_wanted(label: str) -> bool:
    roles = [match.lastgroup for match in _ROLE.finditer(label)]
    return bool(roles) and roles[-1] == "wanted"


def _wei(match: re.Match[str]) -> int | None:
    """The number in wei; None if its unit is unknown or it is no whole number of wei."""
    number, glued = match["number"].lower(), (match["glued"] or "").lower()
    if number.startswith("0x"):
        return int(number, 16)
    amount = Decimal(re.sub("[,_]", "", number))
    if match["unit"]:
        return math.ceil(amount * _UNITS[match["unit"].lower()])
    if glued and not glued.startswith("a"):  # "25aevmos": atto, as in Cosmos' chains
        return None
    return int(amount) if amount == int(amount) else None
