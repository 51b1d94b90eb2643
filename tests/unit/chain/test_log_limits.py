"""The words of real providers for "this eth_getLogs range is too large"."""

from __future__ import annotations

import pytest

from chain.rpc.log_limits import LogLimit, parse_log_limit

WITH_NUMBERS = [
    (
        "alchemy, range",
        "You can make eth_getLogs requests with up to a 500 block range. Based on your parameters,"
        " this block range should work: [0x123c9b2, 0x123cba5]",
        LogLimit(500, (0x123C9B2, 0x123CBA5)),
    ),
    (
        "alchemy, size",
        "Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range"
        " and no limit on the response size, or you can request any block range with a cap of 10K"
        " logs in the response. Based on your parameters and the response size limit, this block"
        " range should work: [0xc5dc00, 0xc614a7]",
        LogLimit(2000, (0xC5DC00, 0xC614A7)),
    ),
    (
        "infura, results",
        "query returned more than 10000 results. Try with this block range [0x83D5EE, 0x83D7A2].",
        LogLimit(None, (0x83D5EE, 0x83D7A2)),
    ),
    ("infura, range", "range 1000000 exceeds limit of 10000", LogLimit(10_000, None)),
    ("quicknode", "eth_getLogs is limited to a 10,000 range", LogLimit(10_000, None)),
    ("1rpc", "eth_getLogs is limited to a 5000 block range", LogLimit(5_000, None)),
    ("publicnode", "exceed maximum block range: 50000", LogLimit(50_000, None)),
    ("drpc", "ranges over 10000 blocks are not supported on freetier", LogLimit(10_000, None)),
    (
        "cloudflare",
        "Invalid eth_getLogs request. 'fromBlock'-'toBlock' range too large. Max range: 800",
        LogLimit(800, None),
    ),
    ("reth", "query exceeds max block range 100000", LogLimit(100_000, None)),
    ("blockpi", "eth_getLogs is limited to 1024 block range.", LogLimit(1024, None)),
    ("blast", "exceeds the range allowed for your plan (9999 > 5000)", LogLimit(5000, None)),
    ("coinbase", "please limit the query to at most 1000 blocks", LogLimit(1000, None)),
    ("frontier", "block range is too wide (maximum 1024)", LogLimit(1024, None)),
    ("thirdweb", "Maximum allowed number of requested blocks is 1000", LogLimit(1000, None)),
    (
        "avalanche",
        "requested too many blocks from 1 to 9000, maximum is set to 2048",
        LogLimit(2048, None),
    ),
    ("merkle", "eth_getLogs range is too large, max is 10k blocks", LogLimit(10_000, None)),
    (
        "morph",
        "block range is larger than max block range, block range = 5120, max block range = 5000",
        LogLimit(5000, None),
    ),
]
WITHOUT_NUMBERS = [
    "block range is too wide",  # Ankr
    "Block range limit exceeded. See more details at https://docs.chainstack.com/docs/limits",
    "query exceeds max results 20000, retry with the range 1-500",  # reth
    "backend response too large",
    "response size should not greater than 10000000 bytes",
    "logs matched by query exceeds limit of 10000",
    "query timeout exceeded",
    "block range is bigger than maxBlockRange",  # Scroll
    "block range too high",
]
UNRELATED = [
    "execution reverted",
    "header not found",
    "invalid argument 0: hex string without 0x prefix",
    "missing value for required argument 0",
    "the method eth_getLogs does not exist/is not available",
    "nonce too low",
]


@pytest.mark.parametrize(("text", "limit"), [case[1:] for case in WITH_NUMBERS],
                         ids=[case[0] for case in WITH_NUMBERS])  # fmt: skip
def test_parse_log_limit__provider_names_a_limit__limit_is_read(text: str, limit: LogLimit) -> None:
    assert parse_log_limit(text) == limit


@pytest.mark.parametrize("text", WITHOUT_NUMBERS)
def test_parse_log_limit__too_much_without_number__recognised(text: str) -> None:
    found = parse_log_limit(text)
    assert found is not None
    assert found.suggested is None


@pytest.mark.parametrize("text", UNRELATED)
def test_parse_log_limit__other_error__none(text: str) -> None:
    assert parse_log_limit(text) is None
