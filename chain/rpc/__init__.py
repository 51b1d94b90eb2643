"""JSON-RPC: nodes, asked and judged.

Promises: every failure is a typed `RpcError`, and nothing secret of a URL is shown. Touches the
network, and stores nothing.
"""
