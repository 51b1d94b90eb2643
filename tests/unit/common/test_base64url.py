"""Base64url: one text for each bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.base64url import decode, encode


@given(st.binary(max_size=40))
def test_decode__of_what_was_encoded__the_same(data: bytes) -> None:
    assert decode(encode(data)) == data


@pytest.mark.parametrize(
    "text", ["AA==", "AB", "A", "AAA=", "A+A/", "AA\n", " AA", "ÄA", "A.AA", "AAAAA"]
)
def test_decode__another_writing_of_bytes__is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not ") as caught:
        decode(text)
    assert text not in str(caught.value).split()
