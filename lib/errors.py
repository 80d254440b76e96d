"""What can go wrong, as a person would be told it.

AppError
├── SettingError            a setting has a value that cannot be used
├── ForeignAddress          the page was opened under a name that may be a stranger's
├── NotNow                  no question can be asked at this moment: too many were, or the server ends or is full
├── DataError               a file cannot become a table
│   ├── NoRoom              the tables would take more than they may
│   └── LoadNotNow          no file can be read at this moment
├── ModelError              the model did not answer
│   ├── BadParameter        a request was refused here, before it was sent
│   ├── Unreachable         nobody answers at the endpoint's address
│   │   └── PrivateAddress  it is in a private network, and a visitor may not choose such a one
│   ├── KeyRefused          401, 402, 403: the key is missing, wrong, not allowed or has no credit
│   ├── ModelNotFound       404: the endpoint does not serve this model
│   ├── RateLimited         429: too many requests
│   ├── ContextTooLong      the prompt does not fit, also after it was shortened
│   ├── EndpointFailed      5xx, an error inside a stream, an answer that is not the protocol
│   │   ├── WrongPath       404 or a web page: the service is there, its API is not at this path
│   │   └── TooSlow         it did not begin to answer in time
│   ├── StreamBroken        the stream ended before the answer was complete
│   └── BuiltinError        the built-in model cannot run here
├── QueryError              the SQL did not give a result
│   ├── CannotTranslate     it cannot be said in the engine's dialect
│   ├── QueryRefused        the gate does not let it run
│   ├── QueryFailed         the engine's own message
│   ├── QueryTimeout        it ran longer than allowed
│   ├── QueryTooBig         it needed more memory than allowed
│   └── QueryStopped        a person stopped it
│       └── QueryNotNow     no query can run at this moment
└── CannotAnswer            the model gave no SQL that runs

Foreign exceptions are translated where they enter; whatever is not an AppError is a bug.
"""

from __future__ import annotations

from typing import ClassVar


class AppError(Exception):
    """One plain sentence about what happened (`detail`) and one about the way out (`hint`)."""

    title: ClassVar[str] = "Something went wrong"
    code: ClassVar[str] = "error"

    def __init__(self, detail: str, hint: str = "") -> None:
        super().__init__(detail, hint)
        self.detail = detail
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.detail} {self.hint}".strip()

    @classmethod
    def named(cls, code: str, detail: str, hint: str = "") -> AppError:
        """The error with this code, as it was before it was written down."""
        kinds = [AppError]
        for kind in kinds:
            kinds += kind.__subclasses__()
        return next((one for one in kinds if one.code == code), AppError)(detail, hint)


class SettingError(AppError):
    title = "A setting cannot be used"
    code = "setting"


class ForeignAddress(AppError):
    title = "This address is not Bayan's"
    code = "foreign_address"


class DataError(AppError):
    title = "The file could not be read"
    code = "data"


class NotNow(AppError):
    title = "Not now"
    code = "not_now"


class NoRoom(DataError):
    title = "There is no room left"
    code = "no_room"


class LoadNotNow(DataError):
    title = "Not now"
    code = "load_not_now"


class ModelError(AppError):
    title = "The model did not answer"
    code = "model"


class BadParameter(ModelError):
    title = "That value is not allowed"
    code = "bad_parameter"


class Unreachable(ModelError):
    title = "The endpoint cannot be reached"
    code = "unreachable"


class PrivateAddress(Unreachable):
    title = "The endpoint is in a private network"
    code = "private_address"


class KeyRefused(ModelError):
    title = "The key was not accepted"
    code = "key_refused"


class ModelNotFound(ModelError):
    title = "The endpoint does not serve this model"
    code = "model_not_found"


class RateLimited(ModelError):
    title = "Too many requests"
    code = "rate_limited"


class ContextTooLong(ModelError):
    title = "The text is too long for the model"
    code = "context_too_long"


class EndpointFailed(ModelError):
    title = "The endpoint failed"
    code = "endpoint_failed"


class WrongPath(EndpointFailed):
    title = "The address leads to something else"
    code = "wrong_path"


class TooSlow(EndpointFailed):
    title = "The endpoint did not answer in time"
    code = "too_slow"


class StreamBroken(ModelError):
    title = "The answer broke off"
    code = "stream_broken"


class BuiltinError(ModelError):
    title = "The built-in model cannot run"
    code = "builtin"


class QueryError(AppError):
    """`sql` is the statement that gave no result."""

    title = "The query gave no result"
    code = "query"

    def __init__(self, detail: str, hint: str = "", *, sql: str = "") -> None:
        super().__init__(detail, hint)
        self.sql = sql


class CannotTranslate(QueryError):
    title = "This query cannot be translated"
    code = "cannot_translate"


class QueryRefused(QueryError):
    title = "This query may not run"
    code = "query_refused"


class QueryFailed(QueryError):
    title = "The query has an error"
    code = "query_failed"


class QueryTimeout(QueryError):
    title = "The query took too long"
    code = "query_timeout"


class QueryTooBig(QueryError):
    title = "The query needs too much memory"
    code = "query_too_big"


class QueryStopped(QueryError):
    title = "The query was stopped"
    code = "query_stopped"


class QueryNotNow(QueryStopped):
    title = "Not now"
    code = "query_not_now"


class CannotAnswer(AppError):
    title = "No answer from these tables"
    code = "cannot_answer"
