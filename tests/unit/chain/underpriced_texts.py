"""How nodes say that a transaction pays too little, and what each asks for.

The texts are those of the programs' sources, issues and users' reports.
"""

from __future__ import annotations

from chain.send.fee_demand import FeeDemand, Wanted

GAS = 100_000
"""The gas limit of the refused transaction."""


def tip(wei: int, base: int = 0) -> FeeDemand:
    return FeeDemand(Wanted.TIP, tip=wei, base=base)


def price(wei: int) -> FeeDemand:
    return FeeDemand(Wanted.PRICE, price=wei)


def base(wei: int) -> FeeDemand:
    return FeeDemand(Wanted.BASE, base=wei)


SILENT = FeeDemand()
"""Too little, and no word of how much would do."""

UNDERPRICED: list[tuple[str, str, FeeDemand]] = [
    (
        "bor",
        "transaction underpriced: gas tip cap 1000000000, minimum needed 25000000000",
        tip(25_000_000_000),
    ),
    (
        "bor, geth of 2026",
        "transaction gas price below minimum: gas tip cap 100000000, minimum needed 25000000000",
        tip(25_000_000_000),
    ),
    ("old geth", "transaction underpriced", SILENT),
    (
        "bsc",
        "transaction underpriced: tip needed 3000000000, tip permitted 1000000000",
        tip(3_000_000_000),
    ),
    (
        "coreth",
        "transaction underpriced: address 0x8db97C7cEcE249c2b98bDC0226Cc4C2A57BF52FC have gas tip"
        " cap (225000000000) < pool gas tip cap (470000000000)",
        tip(470_000_000_000),
    ),
    (
        "reth",
        "transaction priority fee below minimum required priority fee 20000000000",
        tip(20_000_000_000),
    ),
    (
        "some gateway",
        "max priority fee per gas 1000000000 below minimum 25000000000",
        tip(25_000_000_000),
    ),
    (
        "nethermind",
        "FeeTooLow, EffectivePriorityFeePerGas too low 586749412 < 1000000000, BaseFee: 7",
        tip(1_000_000_000, base=7),
    ),
    (
        "nethermind",
        "FeeTooLow, MaxFeePerGas too low. MaxFeePerGas: 50, BaseFee: 100, MaxPriorityFeePerGas:200,"
        " Block number: 5",
        base(100),
    ),
    (
        "nethermind",
        "FeeTooLow, FeePerGas needs to be higher than 100 to be added to the TxPool. Affordable"
        " FeePerGas of rejected tx: 50.",
        price(100),
    ),
    ("nethermind", "FeeTooLowToCompete", SILENT),
    ("besu", "Gas price below configured minimum gas price", SILENT),
    (
        "hedera",
        "[Request ID: e4d09e44-19a4-4eb7-babe-270db4c2ebc9] Gas price '830000000000' is below"
        " configured minimum gas price '950000000000'",
        price(950_000_000_000),
    ),
    (
        "nitro",
        "max fee per gas less than block base fee: address 0x336394A3219e71D9d9bd18201d34E95C1Bb71"
        "22C, maxFeePerGas: 120000000000 baseFee: 144771606946 (supplied gas 13242564)",
        base(144_771_606_946),
    ),
    ("zksync", "max fee per gas less than block base fee", base(0)),
    ("astar", "gas price less than block base fee", base(0)),
    (
        "zksync",
        "Error description: The operator included transaction with an unacceptable gas price",
        SILENT,
    ),
    ("arbitrum", "gas price too low", SILENT),
    ("metis", "gas price too low: 1 wei, use at least tx.gasPrice = 2 wei", price(2)),
    ("flow", "the minimum accepted gas price for transactions is: 100", price(100)),
    (
        "parity",
        "Transaction gas price is too low. It does not satisfy your node's minimal gas price"
        " (minimal: 100 got: 50). Try increasing the gas price.",
        price(100),
    ),
    ("celo", "gasprice is less than gas price minimum floor", SILENT),
    (
        "evmos, the fee of all",
        "provided fee < minimum global fee (3500000000000000aevmos < 7000000000000000aevmos)."
        " Please increase the gas price.: insufficient fee: invalid request",
        price(70_000_000_000),
    ),
    (
        "injective, the fee of all",
        "insufficient fee; got: 1405600000000.000000000000000000 required:"
        " 7028000000000.000000000000000000: insufficient fee",
        price(70_280_000),
    ),
    ("in hexadecimal", "gas tip cap 0x3b9aca00, min gas tip cap 0x5d21dba00", tip(25 * 10**9)),
    ("in gwei", "tip too low: have 1 gwei, want 25 gwei", tip(25 * 10**9)),
    ("in gwei", "priority fee must be at least 25Gwei, got 1Gwei", tip(25 * 10**9)),
    ("a fraction", "minimum priority fee is 30.5 gwei", tip(30_500_000_000)),
    ("in ether", "transaction underpriced (min tip: 0.000000025 ether)", tip(25 * 10**9)),
    (
        "with commas",
        "transaction underpriced: required tip 25,000,000,000 wei",
        tip(25 * 10**9),
    ),
    ("the word behind", "transaction underpriced: 25000000000 wei required", tip(25 * 10**9)),
    (
        "a camel",
        "transaction underpriced: minPriorityFee=25000000000, got=100",
        tip(25 * 10**9),
    ),
    ("a sign", "max_priority_fee_per_gas must be >= 25000000000", tip(25 * 10**9)),
    (
        "twice",
        "minimum gas tip cap is 25 Gwei (25000000000)",
        tip(25 * 10**9),
    ),
    ("absurd", "transaction underpriced: minimum needed 99999999999999999999999999", SILENT),
]
