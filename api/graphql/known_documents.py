"""Documents that the server knows: a page names one by its SHA-256 instead of sending it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from graphql import GraphQLError, OperationDefinitionNode, parse

from api.graphql.requests import GraphQLRequest
from models.values.errors import ErrorCode, InvalidArgumentError, NotFoundError


class UnknownDocumentError(NotFoundError):
    """No known document has the digest that was named.

    Message and code are those by which Apollo's clients, and all that speak as they do, learn to
    send the query beside the digest.
    """

    code = ErrorCode.PERSISTED_QUERY_NOT_FOUND

    def __init__(self) -> None:
        super().__init__("PersistedQueryNotFound")


class UnsupportedDocumentsError(NotFoundError):
    """No documents are known here at all: the same clients then stop naming any."""

    code = ErrorCode.PERSISTED_QUERY_NOT_SUPPORTED

    def __init__(self) -> None:
        super().__init__("PersistedQueryNotSupported")


class OtherDocumentError(InvalidArgumentError):
    """A query came with the digest of another.

    Attributes
    ----------
    digest : str
        The digest of the query.
    """

    def __init__(self, digest: str) -> None:
        super().__init__(f"the query has another sha256Hash, {digest}: send its own, or none")
        self.digest = digest


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
        """Put the text of a document that is only named into a request.

        Raises
        ------
        UnknownDocumentError
            If no document has that digest.
        UnsupportedDocumentsError
            If none is known here.
        OtherDocumentError
            If both are sent and the digest is not that of the text.
        """
        if asked.sha256 is None:
            return asked
        if asked.query:
            _check_digest(asked.query, asked.sha256)
            return asked
        if asked.sha256 in self.texts:
            return replace(asked, query=self.texts[asked.sha256])
        raise UnknownDocumentError if self.texts else UnsupportedDocumentsError


def _check_digest(query: str, named: str) -> None:
    digest = hashlib.sha256(query.encode()).hexdigest()
    if digest != named:
        raise OtherDocumentError(digest)


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
