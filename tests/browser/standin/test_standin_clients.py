"""Third-party WHIP and WHEP clients from npm work against the stand-in."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from localnet.waiting import wait_until
from tests.browser.standin.conftest import BrowserInput, publish, wait_frames

Open = Callable[[], Page]
Create = Callable[..., BrowserInput]

WHIP_WHEP_PUBLISH = """async (url) => {
  const { WHIPClient } = await import("/whip-whep/whip.js");
  const pc = new RTCPeerConnection();
  for (const track of (await camera()).getTracks()) pc.addTransceiver(track);
  window.client = new WHIPClient();
  await client.publish(pc, url);
}"""
WHIP_WHEP_WATCH = """async (url) => {
  const { WHEPClient } = await import("/whip-whep/whep.js");
  const pc = new RTCPeerConnection();
  pc.addTransceiver("audio", { direction: "recvonly" });
  pc.addTransceiver("video", { direction: "recvonly" });
  screenFor(pc);
  window.client = new WHEPClient();
  await client.view(pc, url);
}"""
EYEVINN_PUBLISH = """async (url) => {
  const { WHIPClient } = window.npm["@eyevinn/whip-web-client"];
  window.client = new WHIPClient({ endpoint: url, opts: { iceServers: [] } });
  await client.setIceServersFromEndpoint().catch(() => {});
  await client.ingest(await camera());
}"""


def test_clients__whip_whep__publishes_plays_and_stops(open_page: Open, live_input: Create) -> None:
    room = live_input()
    host, viewer = open_page(), open_page()
    host.evaluate(WHIP_WHEP_PUBLISH, room.whip)
    room.wait_live()
    viewer.evaluate(WHIP_WHEP_WATCH, room.whep)
    wait_frames(viewer, 30)
    viewer.evaluate("() => client.stop()")
    wait_until(lambda: room.viewers == 0, what="no viewer")
    host.evaluate("() => client.stop()")
    assert not room.live


def test_clients__eyevinn_whip_to_whip_whep__plays_and_stops(
    open_page: Open, live_input: Create
) -> None:
    room = live_input()
    host, viewer = open_page(), open_page()
    host.add_script_tag(url="/bundle/@eyevinn/whip-web-client")
    host.evaluate(EYEVINN_PUBLISH, room.whip)
    room.wait_live()
    viewer.evaluate(WHIP_WHEP_WATCH, room.whep)
    wait_frames(viewer, 30)
    host.evaluate("() => client.destroy()")
    room.wait_live(False)


def test_clients__plain_page_to_whip_whep__plays(open_page: Open, live_input: Create) -> None:
    room = live_input()
    publish(open_page(), room.whip)
    room.wait_live()
    viewer = open_page()
    viewer.evaluate(WHIP_WHEP_WATCH, room.whep)
    wait_frames(viewer, 10)
