"""Names as banks and payers write them: in any order, with initials, words joined or left out."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

_WORDS = re.compile(r"\w+")
_MOST_JOINED = 4
_FEWEST_WORDS = 2
_PARTICLES = frozenset({"da", "de", "del", "do", "dos", "el", "la", "las", "los"})
"""Words of names that tell nobody from anybody."""


def write_plainly(text: str) -> str:
    """Write words as banks do: without accents, in small letters.

    Parameters
    ----------
    text : str
        The words.

    Returns
    -------
    str
        The same.

    Examples
    --------
    >>> write_plainly("María PEÑA")
    'maria pena'
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


class NameWords:
    """The words of a name, or of a text that may hold one.

    Attributes
    ----------
    words : tuple of str
        In their order, written plainly.
    joined : dict of str to tuple of str
        Up to four of them in a row, by what they are without the space between them.
    telling : frozenset of str
        Those that tell one name from another.
    has_initials : bool
        Whether there is a letter alone among them.
    """

    def __init__(self, text: str) -> None:
        self.words: tuple[str, ...] = tuple(_WORDS.findall(write_plainly(text)))
        self.joined = {
            "".join(run): run
            for length in range(_FEWEST_WORDS, _MOST_JOINED + 1)
            for run in _list_runs(self.words, length)
        }
        self.telling = frozenset(self.words) - _PARTICLES
        self.has_initials = any(len(word) == 1 for word in self.words)

    def may_name(self, payer: "NameWords") -> bool:
        """Tell whether it may be the name of a payer.

        Parameters
        ----------
        payer : NameWords
            What a bank says of who paid.

        Returns
        -------
        bool
            Whether all words of the shorter name are in the other, of which initials may stand
            for some, or all but one, of which none does.

        Examples
        --------
        >>> ana = NameWords("Ana García López")
        >>> [ana.may_name(NameWords(text)) for text in ("A. GARCIA", "garcialopez ana", "Ana Mas")]
        [True, True, False]
        """
        if set(self.words) == set(payer.words):
            return bool(self.words)
        ours, theirs = _part(self, payer), _part(payer, self)
        n_whole, n_alike = _count_alike(ours, theirs)
        n_words = min(len(ours), len(theirs))
        if n_words < _FEWEST_WORDS or not n_whole:
            return False
        return n_alike == n_words or n_whole >= max(n_words - 1, _FEWEST_WORDS)

    def is_within(self, text: "NameWords") -> bool:
        """Tell whether a text holds this name.

        Parameters
        ----------
        text : NameWords
            What a payer wrote.

        Returns
        -------
        bool
            Whether all of its words are there, in any order, but for initials of some.
        """
        ours, theirs = _part(self, text), _part(text, self)
        n_whole, n_alike = _count_alike(ours, theirs)
        return n_whole >= _FEWEST_WORDS and n_alike == len(ours)


def _list_runs(words: Sequence[str], length: int) -> Iterable[tuple[str, ...]]:
    return zip(*(words[start:] for start in range(length)), strict=False)


def _part(name: NameWords, other: NameWords) -> frozenset[str]:
    """Give the words of a name, those taken apart that another one writes in parts."""
    parts = (part for word in name.words for part in other.joined.get(word, (word,)))
    return frozenset(parts) - _PARTICLES


def _count_alike(ours: frozenset[str], theirs: frozenset[str]) -> tuple[int, int]:
    """Count the words that both have whole, and those besides of which one has the initial."""
    whole = {word for word in ours & theirs if len(word) > 1}
    left = sorted(theirs - whole)
    count = len(whole)
    for word in sorted(ours - whole):
        initial = next(
            (each for each in left if each[0] == word[0] and 1 in (len(each), len(word))), None
        )
        if initial is not None:
            left.remove(initial)
            count += 1
    return len(whole), count
