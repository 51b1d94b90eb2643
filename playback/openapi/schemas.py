"""The document's schemas: of the service's answers and of the bodies it takes.

Promises: made once, when this module is imported (`common.web.openapi.schemas`).
"""

from __future__ import annotations

from common.web.openapi.schemas import schemas_of
from common.web.response_types import ReadinessJson
from playback import request_bodies, response_types

_MADE = schemas_of(
    response_types.PlaybackStatusJson,
    response_types.ChallengeJson,
    response_types.AdmissionJson,
    response_types.HostSessionJson,
    response_types.RevokedLinksJson,
    response_types.WithdrawnJson,
    response_types.LeftSignatureJson,
    response_types.HostReturnedJson,
    response_types.InvitedLinksJson,
    response_types.LinkChangedJson,
    response_types.AttendanceJson,
    response_types.PlaybackProblemJson,
    ReadinessJson,
    request_bodies.ChallengeRequest,
    request_bodies.SessionRequest,
    request_bodies.RenewRequest,
    request_bodies.LeaveRequest,
    request_bodies.HostSessionRequest,
    request_bodies.RevokeRequest,
    request_bodies.WithdrawRequest,
    request_bodies.ReturnedRequest,
    request_bodies.DoorRequest,
    request_bodies.AllowRequest,
    request_bodies.SeatRequest,
    request_bodies.DelegationRequest,
)
SCHEMAS = {
    **{name: schema for name, schema in _MADE.items() if name != "PlaybackProblem"},
    "Problem": _MADE["PlaybackProblem"],
}
