"""The transaction sender: from an intent to a final transaction, whatever fails in between.

What it promises
1. One intent (`key`) is mined exactly once: its nonce, once signed for, belongs to it until a
   transaction with that nonce is final.
2. No nonce is skipped. A nonce is taken and the signed bytes are stored in ONE write; everything
   before that write may fail without a trace, everything after it resumes with the same bytes.
3. The signed bytes of every attempt are stored before they are broadcast. A broadcast whose answer
   was lost is repeated with the same bytes; "already known" is success.
4. Nothing waits for ever without a reason: a dropped transaction is broadcast again, an underpriced
   one is bumped on its own nonce (at least 10 % on both fees, never above the ceiling), one that a
   pool refuses as too cheap gives what the pool asks for, and when nothing can be done (no funds,
   fees above the ceiling, no signer, no lease) `blocked` says so.
5. A receipt is believed until it is gone: a reorged transaction is pending again, until finality.
6. A nonce used by somebody else (the same key elsewhere, or before this store was lost) is noticed
   by the mined nonce, and only once that is final is the intent given a new nonce.
7. Losing the store costs delay only: unknown pending transactions are first given time to be mined.

What it assumes
- One process acts for an account at a time (`may_act`, the oracle's lease). Two at once cannot
  share a nonce: a row is saved by version, and open nonces are unique in the store.
- A mined block at or below `finalized(head)` is never reorged.
- The effects are idempotent or fenced by the contract; the sender does not know what it sends.

Steps of a tick (`Sender.tick`), each safe to repeat and to die in:
1. read: open rows; then, from one node, mined and pending nonce, fees and all receipts;
2. confirm (`confirm`): mined, reorged, final, taken by somebody else;
3. repair (`gaps`): a nonce below our lowest that nobody will use is filled;
4. resend (`resend`): broadcast what is signed, dropped or underpriced, in nonce order;
5. start (`start`): sign queued intents into free nonces, while few enough are in flight.

States: queued -> signed -> broadcast -> mined -> confirmed | failed.
On restart: `start` checks the chain id; every tick re-reads everything, so nothing else is special.
"""

from chain.send.fees import SendPolicy
from chain.send.model import Attempt, KeyReused, SendRequest, SendState, StoreConflict
from chain.send.mongo_store import MongoSenderStore
from chain.send.sender import Sender
from chain.send.store import MemorySenderStore, SenderStore

__all__ = [
    "Attempt",
    "KeyReused",
    "MemorySenderStore",
    "MongoSenderStore",
    "SendPolicy",
    "SendRequest",
    "SendState",
    "Sender",
    "SenderStore",
    "StoreConflict",
]
