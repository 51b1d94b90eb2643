"""The read API: serves the index over HTTP, and the built page.

Promises: no answer is older than the index by more than 50 ms, and each says where the index stood
and how final what it tells is. When the index does not answer, the API answers 503. It writes
nothing and holds no key.
May touch: MongoDB (reading), the chain's node (calls only, for transactions), presence (hints), the
files of `dapp/dist`. Of the other packages: `common`, `chain`, the readers of `indexer` and of
`presence`.

Where to look: `routes` has a module for each group of routes, `response_types` the type of every
answer, `response_shapes` makes them, `openapi` describes them, `middleware` is what surrounds every
request, `server` the processes that serve all of this. `index_source` reads the index,
`index_watch` notices its changes, `cache` forgets what they concern, `event_hub` sends them to
listeners. `presence_watch` knows who is on air, which `on_air` joins to answers."""
