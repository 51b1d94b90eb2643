"""One simulated chain for the simulations of sender, indexer and oracle; each takes what it needs.

`tree`: blocks and the branch that counts. `pool`: signed transactions that wait. `chain`: mining,
reorgs and the answers of an honest node. `node`: nodes that lag, fail and lie about logs.
"""
