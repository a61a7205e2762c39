"""Every exception of the package, and whether credits may have moved when it comes.

    JourneyError
    ├── ConfigurationError            the client itself is set up wrongly          nothing sent
    ├── ClientNotOpenError            used outside its `async with` block          nothing sent
    ├── InvalidRequestError           arguments that the service would refuse      nothing sent
    │   ├── IllegalParentError        a parent that the action cannot follow       nothing sent
    │   └── GraphFileError            a file that describes no graph to run        nothing sent
    ├── UnaffordableError             a run beyond its budget or the balance       nothing sent
    ├── NoResultError                 asked for the result of a node without one   nothing sent
    ├── NoReplyError                  no reply arrived
    │   ├── ConnectionFailedError     no connection was made                       nothing sent
    │   └── ReplyLostError            cut or silent after the request had left     depends
    ├── ApiError                      a reply arrived and it says no
    │   ├── BadRequestError           400: the service's own validation            no credits moved
    │   ├── AuthenticationError       401: key missing, malformed or revoked       no credits moved
    │   ├── InsufficientCreditsError  402                                          no credits moved
    │   ├── RateLimitError            429: the plan's limit                        no credits moved
    │   ├── ServerError               5xx                                          depends
    │   └── UnreadableReplyError      not what the service documents               depends
    ├── TaskNotFoundError             the service does not know the task id        no credits moved
    ├── TaskFailedError               accepted, then given up by the service       taken, given back
    ├── JournalError                  a journal cannot be read or written          if records are lost
    │   └── JournalBusyError          another process or run writes it             nothing sent
    ├── DownloadError                 files that could not be fetched whole        no credits moved
    └── SubmissionInDoubtError        a paid request that may have been accepted   may have moved

"Depends": on a free request (`/fetch`, `/fetch-many`, `/account`) credits never move. On a paid request these three are
only ever seen as the `__cause__` of a `SubmissionInDoubtError`. "If records are lost": one of those that did not reach
the disk may tell of a purchase. Each exception says it in `credits_may_have_moved`.

No exception of aiohttp, backoff or anyio leaves the package; a cancellation and the caller's own `TimeoutError` do.
"""

from __future__ import annotations

import reprlib
from typing import TYPE_CHECKING, ClassVar, Final, cast

from attrs import field

from journey_async.values import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from journey_async.intent import Intent

REFUSED: Final = frozenset({301, 307, 308, 400, 401, 402, 403, 404, 405, 411, 413, 414, 415, 422, 429, 431})
"""Statuses after which a paid request certainly was not accepted.

The service publishes 400, 401, 402 and 429. The others are refusals by HTTP's own definition (RFC 9110, 15.4 and 15.5),
given by whatever stands in front of the service: the request was never handled. Not among them: 408, 409 and every 5xx.
"""
BODY_SHOWN: Final = 300
"""How many characters of a reply's body an error keeps."""


class JourneyError(Exception):
    """Root of every error that this package raises."""

    transient: ClassVar[bool] = False
    """Whether the same request may succeed when it is repeated later."""
    credits_may_have_moved: bool = False

    def __init__(self, message: str, *, task_id: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.task_id = task_id

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments are lost on the way through pickle's default, which calls the class with `args` alone.
        state = dict(self.__dict__)
        if "__notes__" in state:
            state["__notes__"] = list(state["__notes__"])
        return (_rebuilt, (type(self), self.args, state))


def _rebuilt(kind: type[JourneyError], args: tuple[object, ...], attributes: dict[str, object]) -> JourneyError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(attributes)
    return error


class ConfigurationError(JourneyError, ValueError):
    """The client cannot work with what it was given: a missing key, a base URL without scheme."""


class ClientNotOpenError(JourneyError, RuntimeError):
    """The client was used outside its `async with` block."""


@frozen(kw_only=True)
class Fault:
    """One thing that is wrong with the arguments of one call."""

    argument: str
    value: object = field(repr=False)
    """What was given. Shown shortened; never shown for a secret."""
    message: str
    """What is allowed and what to do, in the service's own words where it publishes them."""

    def __str__(self) -> str:
        return f"{self.message} (got {self.argument}={_shown(self.value)})"


@frozen(kw_only=True)
class FileFault(Fault):
    """One thing that is wrong in a file; `argument` is the field, empty where no single field is at fault."""

    node: str | None = None
    """The key of the node, as it stands in the file."""
    row: int | None = None
    """The number of the row, counted from 1 below the header; where every row has the fault, none is named."""

    def __str__(self) -> str:
        row = "" if self.row is None else f"row {self.row}"
        node = "" if self.node is None else f"node {self.node if self.node.isprintable() else repr(self.node)}"
        where = ", ".join(part for part in (row, node) if part)
        # Not `super()`: attrs makes the class anew for its slots.
        what = Fault.__str__(self) if self.argument else self.message
        return f"{where}: {what}" if where else what


class InvalidRequestError(JourneyError, ValueError):
    """Arguments that the service would refuse; all faults of the call are told together and nothing was sent."""

    def __init__(self, action: str, faults: Sequence[Fault], *, task_id: str | None = None) -> None:
        self.action = action
        self.faults = tuple(faults)
        if len(self.faults) == 1:
            message = f"{action}: {self.faults[0]}. Nothing was sent."
        else:
            lines = "".join(f"\n  - {fault}" for fault in self.faults)
            message = f"{action}: {len(self.faults)} faults, nothing was sent:{lines}"
        super().__init__(message, task_id=task_id)


class IllegalParentError(InvalidRequestError):
    """The parent is not of a kind that this action can follow; nothing was sent."""

    def __init__(
        self,
        action: str,
        *,
        rule: str,
        parent: str,
        kind: str,
        needs: str,
        remedy: str,
        faults: Sequence[Fault] = (),
    ) -> None:
        """Tell that *rule* needs *needs*, *parent* is *kind*, and what to do; *faults* are those of other arguments."""
        self.rule = rule
        self.parent = parent
        self.kind = kind
        self.needs = needs
        self.remedy = remedy
        sentence = f"{rule} needs {needs} as parent, task {parent} is {kind}. {remedy}".rstrip()
        super().__init__(action, [*faults, Fault(argument="parent", value=parent, message=sentence)], task_id=parent)
        if not faults:
            self.message = f"{sentence} Nothing was sent."


class GraphFileError(InvalidRequestError):
    """A file that describes no graph that may be run, or a graph that a file cannot hold; all faults are told."""

    def __init__(self, file: str, faults: Sequence[FileFault]) -> None:
        self.file = file
        super().__init__(file, faults)


class UnaffordableError(JourneyError):
    """A run that could not be finished within its budget, or with the credits on the account; nothing was sent."""

    def __init__(self, message: str, *, needed: int, available: float) -> None:
        super().__init__(message)
        self.needed = needed
        """Credits that what is left of the run may cost."""
        self.available = available
        """Credits that are left of the budget, or on the account."""


class NoResultError(JourneyError):
    """A node of a run was asked for its result and has none, because it was left out or not sent yet."""


class _ExchangeError(JourneyError):
    """What is known of the one HTTP exchange that went wrong."""

    def __init__(
        self,
        message: str,
        *,
        method: str,
        path: str,
        paid: bool = False,
        leaves_doubt: bool = False,
        task_id: str | None = None,
    ) -> None:
        super().__init__(message, task_id=task_id)
        self.method = method
        self.path = path
        self.paid = paid
        """Whether the request would have cost credits."""
        self.credits_may_have_moved = paid and leaves_doubt


class NoReplyError(_ExchangeError):
    """No reply arrived."""

    transient = True
    never_left: ClassVar[bool] = False
    """Whether the request certainly did not leave this machine."""

    def __init__(self, message: str, *, method: str, path: str, paid: bool = False, task_id: str | None = None) -> None:
        doubt = not self.never_left
        super().__init__(message, method=method, path=path, paid=paid, leaves_doubt=doubt, task_id=task_id)


class ConnectionFailedError(NoReplyError):
    """No connection was made, so the request never left: safe to repeat, also when it is a paid one."""

    never_left = True


class ReplyLostError(NoReplyError):
    """The request left, and the connection broke or fell silent before the reply was whole."""


class ApiError(_ExchangeError):
    """A reply arrived and it says no. `status` and the start of `body` are kept; `messages` are the service's words."""

    def __init__(
        self,
        message: str,
        *,
        method: str,
        path: str,
        status: int,
        body: str = "",
        messages: Sequence[str] = (),
        retry_after: float | None = None,
        paid: bool = False,
        task_id: str | None = None,
    ) -> None:
        doubt = status not in REFUSED
        super().__init__(message, method=method, path=path, paid=paid, leaves_doubt=doubt, task_id=task_id)
        self.status = status
        self.body = _shortened(body, BODY_SHOWN)
        self.messages = tuple(messages)
        self.retry_after = retry_after
        """Seconds that the service asked to wait, at the time the reply was read."""


class BadRequestError(ApiError):
    """400: the service's own validation refused the request; `messages` holds every sentence of it."""


class AuthenticationError(ApiError):
    """401: the API key is missing, malformed or revoked."""


class InsufficientCreditsError(ApiError):
    """402: the account has too few credits."""


class RateLimitError(ApiError):
    """429: more tasks at once than the plan allows; `retry_after` where the service said how long."""

    transient = True


class ServerError(ApiError):
    """5xx: the service or something in front of it broke."""

    transient = True


class UnreadableReplyError(ApiError):
    """The reply is not what the service documents: cut short, not JSON, or without the fields that it must have."""

    transient = True


class TaskNotFoundError(JourneyError):
    """The service does not know this task id, or it belongs to another account."""


class TaskFailedError(JourneyError):
    """The service accepted the task and then gave up on it; `reason` holds its words.

    Its credits were taken at acceptance and are given back: so the sibling service says, JourneyAPI is silent.
    """

    credits_may_have_moved = True

    def __init__(self, *, task_id: str, action: str, reason: str) -> None:
        self.action = action
        self.reason = reason
        super().__init__(f"{action} task {task_id} failed: {reason}", task_id=task_id)


class DownloadError(JourneyError):
    """A file of a result could not be fetched whole, or several could not: then `failures` has an error for each."""

    def __init__(
        self,
        message: str,
        *,
        url: str = "",
        status: int | None = None,
        n: str = "",
        task_id: str | None = None,
        failures: Sequence[DownloadError] = (),
    ) -> None:
        self.url = url
        """Where the file is, without the query: that may be a signature."""
        self.status = status
        """The status of the reply; None where none came."""
        self.n = n
        """Which file of the task it is: `1` to `4`, or `sheet`."""
        self.failures = tuple(failures)
        super().__init__(message, task_id=task_id)


class SubmissionInDoubtError(JourneyError):
    """A paid request that may or may not have been accepted, and may have been charged; it was sent exactly once.

    The service publishes no idempotency key: it is not repeated. `intent` says what was asked, `__cause__` what broke.
    """

    credits_may_have_moved = True

    def __init__(self, intent: Intent, *, why: str) -> None:
        self.intent = intent
        self.why = why
        super().__init__(
            f"{intent.action} may or may not have been accepted (intent {intent.id}): {why}. "
            "It was sent once and is not repeated, because a repetition could be charged again. "
            "Compare the account's credits, then decide whether to submit it anew."
        )


def first_of(error: Exception) -> Exception:
    """Give the first error of a group of groups: where several at once are one trouble."""
    while isinstance(error, ExceptionGroup):
        (error, *_) = cast("ExceptionGroup[Exception]", error).exceptions
    return error


class JournalError(JourneyError):
    """The journal of a run cannot be read or written: no journal, damaged, a full disk; the message says what to do."""

    def __init__(self, file: str, what: str, *, unwritten: Sequence[str] = ()) -> None:
        self.file = file
        self.unwritten = tuple(unwritten)
        """The records that are not known to be on disk, in order; they may tell of purchases."""
        self.credits_may_have_moved = bool(self.unwritten)
        super().__init__(f"journal {file}: {what}")


class JournalBusyError(JournalError):
    """Another process, or another run of this one, writes the journal; `holder` says which, where that is known."""

    def __init__(self, file: str, what: str, *, holder: str | None = None) -> None:
        self.holder = holder
        super().__init__(file, what)


def _shown(value: object) -> str:
    """Show any value in a few characters; some cannot be shown: an integer of thousands of digits, a broken repr."""
    try:
        return _SHORT.repr(value)
    except Exception:  # noqa: BLE001 - it is the caller's own value
        return f"a {type(value).__name__}"


_SHORT: Final = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 80


def _shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"


__all__ = (
    "ApiError",
    "AuthenticationError",
    "BadRequestError",
    "ClientNotOpenError",
    "ConfigurationError",
    "ConnectionFailedError",
    "DownloadError",
    "Fault",
    "FileFault",
    "GraphFileError",
    "IllegalParentError",
    "InsufficientCreditsError",
    "InvalidRequestError",
    "JournalBusyError",
    "JournalError",
    "JourneyError",
    "NoReplyError",
    "NoResultError",
    "RateLimitError",
    "ReplyLostError",
    "ServerError",
    "SubmissionInDoubtError",
    "TaskFailedError",
    "TaskNotFoundError",
    "UnaffordableError",
    "UnreadableReplyError",
)
