"""Documents that the server knows: a page names one by its SHA-256 instead of sending it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from graphql import GraphQLError, OperationDefinitionNode, parse

from api.graphql.requests import GraphQLRequest
from models.values.errors import InvalidArgumentError, NotFoundError


class UnknownDocumentError(NotFoundError):
    """No known document has the digest that was named."""

    def __init__(self) -> None:
        super().__init__("no document of that sha256Hash is known here: send its query")


class UnfitDocumentError(InvalidArgumentError):
    """A file of the folder is no document of GraphQL.

    Attributes
    ----------
    path : Path
        The file.
    reason : str
        What is wrong with it.
    """

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} is no GraphQL document: {reason}")
        self.path = path
        self.reason = reason


@dataclass(frozen=True, slots=True)
class KnownDocuments:
    """The documents by their digest, and the names of their operations."""

    texts: Mapping[str, str]
    operations: frozenset[str]

    def complete(self, asked: GraphQLRequest) -> GraphQLRequest:
        """Put the text of a document that is only named into a request; a text counts before."""
        if asked.query or asked.sha256 is None:
            return asked
        if asked.sha256 not in self.texts:
            raise UnknownDocumentError
        return replace(asked, query=self.texts[asked.sha256])


def read_documents(folder: Path | None) -> KnownDocuments:
    """Read the files ``*.graphql`` of a folder; without one nothing is known."""
    texts: dict[str, str] = {}
    operations: set[str] = set()
    for path in sorted(folder.glob("*.graphql")) if folder else ():
        content = path.read_bytes()
        try:
            text = content.decode()
            definitions = parse(text).definitions
        except (UnicodeDecodeError, GraphQLError) as error:
            raise UnfitDocumentError(path, str(error)) from error
        texts[hashlib.sha256(content).hexdigest()] = text
        operations |= {
            each.name.value
            for each in definitions
            if isinstance(each, OperationDefinitionNode) and each.name
        }
    return KnownDocuments(texts, frozenset(operations))
