"""What can go wrong with a remote service; none of it tells what the request held."""

from datetime import date

from models.values.errors import InvalidArgumentError, NotFoundError, UnavailableError

_ADVICE = {
    401: "check the credentials",
    403: "check the credentials and what they may see",
    404: "it has no data for this, or its address has changed",
    429: "ask again later",
}
_SERVER_FAULTS = range(500, 600)


class RemoteUnreachableError(UnavailableError):
    """No whole answer came.

    Attributes
    ----------
    service : str
        Name of the service.
    reason : str
        Why, as far as it is known.
    """

    def __init__(self, service: str, reason: str) -> None:
        super().__init__(f"{service} cannot be reached: {reason}; ask again later")
        self.service = service
        self.reason = reason


class RemoteStatusError(UnavailableError):
    """The service refuses the request, or fails at it.

    Attributes
    ----------
    service : str
        Name of the service.
    status : int
        HTTP status.
    retry_after_seconds : float or None
        How long it asks to wait [s].
    advice : str
        What to do.
    """

    def __init__(self, service: str, status: int, retry_after_seconds: float | None = None) -> None:
        verb = "fails" if status in _SERVER_FAULTS else "refuses"
        advice = "ask again later" if status in _SERVER_FAULTS else _ADVICE.get(status)
        if retry_after_seconds is not None:
            advice = f"ask again in {retry_after_seconds:g} s"
        self.advice = advice or "check what was asked for"
        super().__init__(f"{service} {verb} with HTTP status {status}; {self.advice}")
        self.service = service
        self.status = status
        self.retry_after_seconds = retry_after_seconds


class RemoteNonsenseError(UnavailableError):
    """The service answers with what it cannot mean.

    Attributes
    ----------
    service : str
        Name of the service.
    reason : str
        What is wrong with the answer.
    """

    def __init__(self, service: str, reason: str) -> None:
        super().__init__(f"{service} answers nonsense: {reason}; check its address")
        self.service = service
        self.reason = reason


class NotPublishedError(NotFoundError):
    """A market has no prices for a day, or not yet.

    Attributes
    ----------
    service : str
        Name of the service.
    day : date
        The day asked for.
    """

    def __init__(self, service: str, day: date) -> None:
        super().__init__(f"{service} has published nothing for {day}; ask again later")
        self.service = service
        self.day = day


class UnsafeAddressError(InvalidArgumentError):
    """The address of a service cannot be trusted with a request.

    Attributes
    ----------
    service : str
        Name of the service.
    reason : str
        What is wrong with the address.
    """

    def __init__(self, service: str, reason: str) -> None:
        super().__init__(f"the address of {service} {reason}; give one like https://host/path")
        self.service = service
        self.reason = reason
