"""The oracle's command line: one module per command, and how their answers are printed.

Promises: `run` is the service; `status` and `doctor` look and change nothing; `sweep` (in
`commands`) deletes what no room needs, and only while it holds the lease itself; `playback-key`
makes and deletes signing keys of playback tokens.
"""
