"""The floor: the same logs and headers fetched and parsed, and nothing done with them.

`python bench/index/floor.py URL CONTRACT FIRST LAST BLOCKS BATCH` asks for the logs of `BLOCKS`
blocks at a time and for each block's header, `BATCH` of them in one POST, by httpx, and parses the
answers with orjson. It prints what it took as one line of JSON. It is a process of its own, and
imports nothing of ours, so that its CPU is its own.
"""

from __future__ import annotations

import sys
import time

import httpx
import orjson

_HEADERS = {"content-type": "application/json"}


def main(
    url: str, contract: str, first: int, last: int, blocks: int, batch: int
) -> dict[str, float]:
    """Fetch everything; returns logs, headers, wall and CPU seconds (imports included)."""
    began = time.monotonic()
    logs_seen = headers = 0
    with httpx.Client(timeout=60.0, trust_env=False) as client:

        def post(body: object) -> list[dict[str, object]]:
            content = client.post(url, content=orjson.dumps(body), headers=_HEADERS).content
            answers: list[dict[str, object]] = orjson.loads(content)
            return answers

        for start in range(first, last + 1, blocks):
            end = min(last, start + blocks - 1)
            span = {"address": contract, "fromBlock": hex(start), "toBlock": hex(end)}
            (answer,) = post([_request(0, "eth_getLogs", span)])
            logs = answer["result"]
            assert isinstance(logs, list)
            logs_seen += len(logs)
            for low in range(start, end + 1, batch):
                numbers = range(low, min(end + 1, low + batch))
                found = post([_request(n, "eth_getBlockByNumber", hex(n), False) for n in numbers])
                headers += sum(1 for entry in found if entry["result"] is not None)
    return {
        "logs": logs_seen,
        "headers": headers,
        "wall": time.monotonic() - began,
        "cpu": time.process_time(),
    }


def _request(number: int, method: str, *params: object) -> dict[str, object]:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


if __name__ == "__main__":
    _, _url, _contract, *_numbers = sys.argv
    print(orjson.dumps(main(_url, _contract, *(int(n) for n in _numbers))).decode())
