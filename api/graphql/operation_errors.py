"""Operations that cannot be carried out as they were sent."""

from models.values.errors import InvalidArgumentError


class EmptyQueryError(InvalidArgumentError):
    """A document is nothing but white space."""

    def __init__(self) -> None:
        super().__init__("the query is empty")


class UnknownOperationError(InvalidArgumentError):
    """The document lacks the operation that was named."""

    def __init__(self) -> None:
        super().__init__("no operation of that name: name one of the document's by `operationName`")


class NotASubscriptionError(InvalidArgumentError):
    """What is answered once was sent where subscriptions are followed."""

    def __init__(self) -> None:
        super().__init__("subscriptions alone are followed: send others to POST /graphql")


class SubscriptionNotStreamedError(InvalidArgumentError):
    """A subscription was sent where one answer is given."""

    def __init__(self) -> None:
        super().__init__(
            "a subscription is answered by events: accept text/event-stream, or come by WebSocket"
        )
