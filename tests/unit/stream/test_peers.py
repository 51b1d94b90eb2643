"""How patient the stand-in is with WebRTC peers."""

from __future__ import annotations

import aioice.ice
import aioice.stun
import pytest

from localnet.stream.media.runtime import expect_peers


@pytest.mark.parametrize(
    ("far", "answers_within", "gone_after"), [(False, 0.5, (3, 5)), (True, 1.0, (25, 35))]
)
def test_silent_peer__near_or_far__is_gone_soon_or_after_half_a_minute(
    far: bool, answers_within: float, gone_after: tuple[float, float]
) -> None:
    try:
        expect_peers(far=far)
        assert answers_within == aioice.stun.RETRY_RTO
        each = aioice.ice.CONSENT_INTERVAL + aioice.stun.RETRY_RTO
        least, most = gone_after
        assert least <= aioice.ice.CONSENT_FAILURES * each <= most
    finally:
        expect_peers(far=False)
