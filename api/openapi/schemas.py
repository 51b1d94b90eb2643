"""The document's schemas: of the API's answers and of the bodies it takes.

Promises: made once, when this module is imported (`common.web.openapi.schemas`).
"""

from __future__ import annotations

from api import request_bodies, response_types, status_types, transaction_types
from common.web.openapi.schemas import schemas_of
from common.web.response_types import ReadinessJson

SCHEMAS = schemas_of(
    response_types.JoinJson,
    response_types.RoomAnswerJson,
    response_types.RoomsJson,
    response_types.HostJson,
    response_types.HintJson,
    response_types.PresenceChangesJson,
    response_types.EventsJson,
    response_types.StreamPositionJson,
    response_types.IngestJson,
    response_types.RecordingsJson,
    status_types.IndexStatusJson,
    response_types.ProblemJson,
    ReadinessJson,
    status_types.PageConfigJson,
    transaction_types.CreateAnswerJson,
    transaction_types.ChangeAnswerJson,
    transaction_types.EndAnswerJson,
    request_bodies.CreateRequest,
    request_bodies.DescribeRequest,
    request_bodies.RekeyRequest,
    request_bodies.AcceptRequest,
    request_bodies.EndRequest,
)
