"""Spark's errors in plain sentences, which hold neither the server's address nor its token."""

from __future__ import annotations

import re

import grpc
import pyarrow as pa
from pyspark.errors import PySparkException
from pyspark.errors.exceptions.connect import SparkConnectGrpcException

from lib.engine.failures import MAX_CHARACTERS
from lib.errors import QueryError, QueryFailed, QueryTooBig

ERRORS = (PySparkException, grpc.RpcError, pa.ArrowException, OSError, KeyError, TypeError, ValueError)
"""What a query can raise; the last three for columns that the client has no Arrow type for."""

_LOST = re.compile(
    r"SESSION_(NOT_FOUND|CHANGED|CLOSED|EXPIRED)|NO_ACTIVE_SESSION|session .{0,60}(not found|closed|expired)"
    r"|OPERATION_NOT_FOUND|operation not found|closed channel"
    r"|(TABLE_OR_VIEW_NOT_FOUND|[Tt]able (or view )?not found).{0,120}\bbayan_",
    re.DOTALL,
)
_MEMORY = re.compile(r"OutOfMemory|Resources exhausted|memory pool|RESOURCE_EXHAUSTED|maxResultSize")
_CODE = re.compile(r"\[[A-Z][A-Z0-9_.]+\]\s*")
_TAIL = re.compile(r"\s*(SQLSTATE: \w+|JVM stacktrace:|== SQL|; line \d+ pos).*", re.DOTALL)
_UNREACHED = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
_REFUSED = (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED)


def is_lost(e: BaseException) -> bool:
    """Whether the server does not know the session any more, or forgot what was sent to it."""
    return _LOST.search(str(e)) is not None


def unreachable() -> QueryFailed:
    return QueryFailed(
        "The engine that ENGINE_URL names does not answer.", "Start it or correct ENGINE_URL, and run the query again."
    )


def translated(e: BaseException, names: dict[str, str]) -> QueryError:
    """The error as a person is told it; `names` are what a table is called there, and its name here."""
    if isinstance(e, OSError):
        return unreachable()
    code = e.getGrpcStatusCode() if isinstance(e, SparkConnectGrpcException) else None
    if isinstance(e, grpc.RpcError) or code in _UNREACHED:
        return unreachable()
    if code in _REFUSED:
        return QueryFailed("The engine does not accept the token in ENGINE_URL.", "Correct ENGINE_URL.")
    message = str(e)
    if _MEMORY.search(message):
        return QueryTooBig(
            "The engine has not enough memory for this query, or its result is too large to be sent.",
            "Take fewer rows or columns.",
        )
    if isinstance(e, KeyError | TypeError | ValueError) and not isinstance(e, PySparkException):
        return QueryFailed("A column of the result has a type that cannot be shown.", "Write CAST(x AS STRING).")
    return QueryFailed(_cleaned(message, names))


def _cleaned(message: str, names: dict[str, str]) -> str:
    message = _TAIL.sub("", _CODE.sub("", message))
    for there in sorted(names, key=len, reverse=True):  # some begin as others do
        message = message.replace(there, names[there])
    body = " ".join(message.split()).rstrip(".! ")
    if len(body) > MAX_CHARACTERS:
        body = body[:MAX_CHARACTERS] + " …"
    return f"{body[:1].upper()}{body[1:]}." if body else "The engine could not run this query."
