"""Following the chain: verified headers and logs, in order, and the reorgs between them.

Touches nodes alone, those that it is given; stores nothing, and does not know what a log means.
"""
