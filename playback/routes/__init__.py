"""The routes, a module for each group; each has `blueprint(parts)` of its own.

Promises: a handler reads the request and hands it to `playback.service.PlaybackService`, whose
answers it sends on as they are; nobody may keep one. A session comes in `Authorization` alone (but
for `leave`, whose page cannot wait), so that no log has it.
"""
