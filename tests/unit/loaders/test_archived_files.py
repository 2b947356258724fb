import bz2
import gzip
import io
import random
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders import archived_files
from loaders.archived_files import (
    MOST_MEMBERS,
    NamedFile,
    expand_upload,
    is_workbook,
    refuse_oversized_workbook,
)
from loaders.community_archive import FaultyArchiveError, OversizedArchiveError
from models.values.errors import ErrorCode

CURVE = b"ES0021000000000001RK0F;2023/07/01 01:00;1;100;0;\n"
GIBIBYTE = 1 << 30


def pack(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in entries:
            zipped.writestr(name, content)
    return packed.getvalue()


def pack_workbook(size: int = 10) -> bytes:
    return pack(("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b" " * size))


def deflated_zeros(n_bytes: int) -> bytes:
    """Raw deflate of zeros, made of one flushed mebibyte over and over."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    mebibyte = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return mebibyte * (n_bytes >> 20) + zlib.compressobj(9, zlib.DEFLATED, -15).flush()


def zip_of_zeros(n_bytes: int, declared: int) -> bytes:
    raw = deflated_zeros(n_bytes)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as zipped:
        info = zipfile.ZipInfo("zeros.csv")
        info.compress_type, info.compress_size, info.file_size = 8, len(raw), declared
        info.CRC = info.header_offset = 0
        packed.write(info.FileHeader(zip64=True) + raw)
        zipped.filelist.append(info)
        zipped.start_dir, zipped._didModify = packed.tell(), True
    return packed.getvalue()


@contextmanager
def bounded(*, seconds: float, peak_bytes: int) -> Iterator[None]:
    tracemalloc.start()
    begun = perf_counter()
    try:
        yield
        spent, (_, peak) = perf_counter() - begun, tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert spent < seconds
    assert peak < peak_bytes


def test_a_plain_file_is_itself() -> None:
    assert list(expand_upload("a.csv", CURVE)) == [NamedFile("a.csv", CURVE)]


@pytest.mark.parametrize("name", ["P5D.0.bz2", "P5D.0.BZ2", "P5D.0"])
def test_bzip2_is_told_by_its_bytes(name: str) -> None:
    assert list(expand_upload(name, bz2.compress(CURVE))) == [NamedFile("P5D.0", CURVE)]


def test_gzip_is_told_by_its_bytes() -> None:
    packed = gzip.compress(CURVE) + gzip.compress(CURVE)
    assert list(expand_upload("a.csv.gz", packed)) == [NamedFile("a.csv", 2 * CURVE)]
    assert list(expand_upload("a.csv", packed)) == [NamedFile("a.csv", 2 * CURVE)]


def test_bzip2_of_several_streams_is_one_file() -> None:
    packed = bz2.compress(CURVE) + bz2.compress(CURVE)
    assert list(expand_upload("a.bz2", packed)) == [NamedFile("a", 2 * CURVE)]


def test_zeros_after_the_last_stream_are_padding() -> None:
    for packed in (gzip.compress(CURVE), bz2.compress(CURVE)):
        assert list(expand_upload("a", packed + bytes(50_000))) == [NamedFile("a", CURVE)]


@pytest.mark.parametrize("packed", [gzip.compress(CURVE, mtime=0), bz2.compress(CURVE)])
def test_what_follows_the_last_stream_must_be_a_stream(packed: bytes) -> None:
    for rest in (b"rest", packed[:-1], bytes(9) + packed[:4]):
        with pytest.raises(FaultyArchiveError, match="is no complete"):
            list(expand_upload("a", packed + rest))


@pytest.mark.parametrize("size", [1 << 14, 1 << 18, (1 << 18) + 1, (1 << 19) + 1])
def test_streams_larger_than_a_piece_are_whole(size: int) -> None:
    noise = random.Random(size).randbytes(size)
    for content in (noise, bytes(size), noise + bytes(size)):
        for packed in (gzip.compress(content), bz2.compress(content)):
            assert list(expand_upload("a", packed * 2)) == [NamedFile("a", content * 2)]


def test_the_number_of_streams_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archived_files, "MOST_STREAMS", 3)
    for packed in (gzip.compress(b"x"), bz2.compress(b"x")):
        assert list(expand_upload("a", packed * 3)) == [NamedFile("a", b"xxx")]
        with pytest.raises(OversizedArchiveError, match="holds more than 3 streams") as caught:
            list(expand_upload("a", packed * 4))
        assert caught.value.code is ErrorCode.TOO_LARGE
        assert caught.value.entry == "a"


def test_text_that_begins_like_a_bzip2_file_is_text() -> None:
    assert list(expand_upload("a.csv", b"BZh9;2023")) == [NamedFile("a.csv", b"BZh9;2023")]


def test_a_zip_gives_its_files_in_order() -> None:
    data = pack(
        ("july/", b""),
        ("july/b.0", CURVE),
        ("a.0", b"x"),
        ("__MACOSX/a.0", b"?"),
        (".DS_Store", b"?"),
        ("empty.0", b""),
    )
    assert list(expand_upload("both.zip", data)) == [
        NamedFile("july/b.0", CURVE),
        NamedFile("a.0", b"x"),
        NamedFile("empty.0", b""),
    ]


def test_files_of_a_zip_come_one_by_one() -> None:
    data = pack(("a.0", CURVE), ("b.0", gzip.compress(CURVE)))
    files = expand_upload("both.zip", data)
    assert next(files) == NamedFile("a.0", CURVE)
    with pytest.raises(FaultyArchiveError, match="archive inside an archive"):
        next(files)


def test_a_workbook_is_a_plain_file_also_inside_a_zip() -> None:
    workbook = pack_workbook()
    assert is_workbook(workbook)
    assert not is_workbook(pack(("a.csv", CURVE)))
    assert not is_workbook(CURVE)
    assert list(expand_upload("a.xlsx", workbook)) == [NamedFile("a.xlsx", workbook)]
    packed = pack(("a.xlsx", workbook))
    assert list(expand_upload("a.zip", packed)) == [NamedFile("a.xlsx", workbook)]


@pytest.mark.parametrize(
    "name",
    ["../a", "/a", "a/../b", "./a", "a//b", "a\\b", "C:a", "a\n", "..", "../", "x/../__MACOSX/a"],
)
def test_names_that_lead_elsewhere_are_refused(name: str) -> None:
    with pytest.raises(FaultyArchiveError) as caught:
        list(expand_upload("a.zip", pack((name, CURVE))))
    assert caught.value.reason == "has a name that leads outside the archive"
    assert caught.value.entry == name


def test_a_name_that_stands_twice_is_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = pack(("a.0", b"1"), ("a.0", b"2"))
    with pytest.raises(FaultyArchiveError, match="stands twice"):
        list(expand_upload("a.zip", data))


def test_links_are_refused() -> None:
    link = zipfile.ZipInfo("a.0")
    link.external_attr = 0o120777 << 16
    with pytest.raises(FaultyArchiveError, match="is a link or a device"):
        list(expand_upload("a.zip", pack((link, b"/etc/passwd"))))


def test_encrypted_entries_are_refused() -> None:
    data = bytearray(pack(("a.0", CURVE)))
    data[data.rfind(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(FaultyArchiveError, match="is encrypted"):
        list(expand_upload("a.zip", bytes(data)))


@pytest.mark.parametrize("data", [pack(), pack(("july/", b""), (".hidden", b"x"))])
def test_an_archive_without_files_is_refused(data: bytes) -> None:
    with pytest.raises(FaultyArchiveError, match="holds no file"):
        list(expand_upload("a.zip", data))


@pytest.mark.parametrize(
    "inner",
    [pack(("a", b"x")), gzip.compress(b"x", mtime=0), bz2.compress(b"x"), b"7z\xbc\xaf\x27\x1c"],
)
@pytest.mark.parametrize("wrap", [gzip.compress, bz2.compress, lambda data: pack(("inner", data))])
def test_an_archive_inside_an_archive_is_refused(inner: bytes, wrap) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(FaultyArchiveError, match=r"archive inside an archive|packed by 7z"):
        list(expand_upload("inner", wrap(inner)))


@pytest.mark.parametrize("start", [b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\xfd7zXZ\x00"])
def test_other_packers_are_refused_by_name(start: bytes) -> None:
    with pytest.raises(FaultyArchiveError, match=r"'a\.7z': is packed by .*; send \.zip"):
        list(expand_upload("a.7z", start + b"..."))


@pytest.mark.parametrize(
    "packed", [gzip.compress(CURVE, mtime=0), bz2.compress(CURVE), pack(("a", CURVE))]
)
def test_what_expands_beyond_the_limit_is_refused(packed: bytes) -> None:
    assert next(expand_upload("a", packed, len(CURVE))).content == CURVE
    with pytest.raises(OversizedArchiveError) as caught:
        list(expand_upload("a", packed, len(CURVE) - 1))
    assert caught.value.code is ErrorCode.TOO_LARGE
    assert caught.value.entry == "a"


def test_the_limit_is_for_all_files_together() -> None:
    data = pack(("a", CURVE), ("b", CURVE))
    assert len(list(expand_upload("a.zip", data, 2 * len(CURVE)))) == 2
    with pytest.raises(OversizedArchiveError, match="'b'"):
        list(expand_upload("a.zip", data, 2 * len(CURVE) - 1))
    with pytest.raises(OversizedArchiveError, match="is larger than 3 bytes"):
        list(expand_upload("a.csv", CURVE, 3))


def test_the_number_of_entries_is_limited() -> None:
    names = [(f"{number}", b"") for number in range(MOST_MEMBERS)]
    assert len(list(expand_upload("a.zip", pack(*names)))) == MOST_MEMBERS
    with pytest.raises(OversizedArchiveError, match="holds 1001 entries, more than 1000"):
        list(expand_upload("a.zip", pack(*names, ("one more", b""))))


class TestBombs:
    @pytest.mark.parametrize("declared", [10 * GIBIBYTE, GIBIBYTE // 8])
    def test_zip_of_ten_gibibytes(self, declared: int) -> None:
        data = zip_of_zeros(10 * GIBIBYTE, declared)
        with (
            bounded(seconds=20, peak_bytes=300_000_000),
            pytest.raises(FaultyArchiveError, match=r"zeros\.csv"),
        ):
            list(expand_upload("bomb.zip", data))

    def test_bzip2_of_a_gibibyte(self) -> None:
        data = bz2.compress(bytes(1 << 24)) * 64
        assert len(data) < 4_000
        with (
            bounded(seconds=60, peak_bytes=600_000_000),
            pytest.raises(OversizedArchiveError),
        ):
            list(expand_upload("bomb.bz2", data))

    def test_gzip_of_ten_gibibytes(self) -> None:
        data = b"\x1f\x8b\x08" + bytes(7) + deflated_zeros(10 * GIBIBYTE)
        with (
            bounded(seconds=30, peak_bytes=600_000_000),
            pytest.raises(OversizedArchiveError),
        ):
            list(expand_upload("bomb.gz", data))

    @pytest.mark.parametrize("packed", [gzip.compress(b"", mtime=0), bz2.compress(b"")])
    def test_streams_that_hold_nothing(self, packed: bytes) -> None:
        with (
            bounded(seconds=2, peak_bytes=50_000_000),
            pytest.raises(OversizedArchiveError, match="more than 10000 streams"),
        ):
            list(expand_upload("bomb", packed * 300_000))

    def test_bytes_around_a_stream(self) -> None:
        padded = gzip.compress(CURVE) + bytes(30_000_000)
        endless_name = b"\x1f\x8b\x08\x08" + bytes(6) + b"x" * 30_000_000
        with bounded(seconds=2, peak_bytes=50_000_000):
            assert list(expand_upload("a", padded)) == [NamedFile("a", CURVE)]
            with pytest.raises(FaultyArchiveError, match="is no complete"):
                list(expand_upload("a", endless_name))

    def test_a_hundred_thousand_entries(self) -> None:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as zipped:
            zipped.writestr("0", b"")
            zipped.filelist += [zipfile.ZipInfo(f"{number:x}") for number in range(1, 100_000)]
            for info in zipped.filelist[1:]:
                info.CRC = info.compress_size = info.file_size = info.header_offset = 0
            zipped._didModify = True
        data = packed.getvalue()
        with (
            bounded(seconds=2, peak_bytes=50_000_000),
            pytest.raises(OversizedArchiveError, match="more than 1000 entries"),
        ):
            list(expand_upload("bomb.zip", data))

    def test_workbook(self) -> None:
        refuse_oversized_workbook(pack_workbook(1_000), 1_008)
        with pytest.raises(OversizedArchiveError, match=r"xl/workbook\.xml"):
            refuse_oversized_workbook(pack_workbook(1_000), 1_007)
        with bounded(seconds=5, peak_bytes=5_000_000), pytest.raises(FaultyArchiveError):
            refuse_oversized_workbook(zip_of_zeros(GIBIBYTE, 1 << 26), 1 << 26)


def outcome(data: bytes) -> list[NamedFile] | FaultyArchiveError:
    try:
        return list(expand_upload("a", data, 1 << 20))
    except FaultyArchiveError as error:
        return error


PACKED = {
    "zip": pack(("a.0", CURVE * 50), ("b.0", b"x")),
    "gz": gzip.compress(CURVE * 50),
    "bz2": bz2.compress(CURVE * 50),
    "xlsx": pack_workbook(1_000),
}


@pytest.mark.parametrize("kind", PACKED)
def test_torn_archives_are_refused(kind: str) -> None:
    data = PACKED[kind]
    for part in range(64):
        cut = data[: len(data) * part // 64]
        result = outcome(cut)
        if len(cut) >= 10:
            assert isinstance(result, FaultyArchiveError), (kind, part)


@settings(max_examples=100)
@given(
    kind=st.sampled_from(sorted(PACKED)),
    flips=st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 255)), min_size=1, max_size=8),
)
def test_flipped_bytes_give_files_or_typed_errors(kind: str, flips: list[tuple[int, int]]) -> None:
    data = bytearray(PACKED[kind])
    for position, mask in flips:
        data[position % len(data)] ^= mask
    outcome(bytes(data))


@settings(max_examples=100)
@given(st.binary(max_size=200), st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b"]))
def test_any_bytes_give_files_or_typed_errors(data: bytes, start: bytes) -> None:
    outcome(start + data)


def test_a_method_that_nobody_knows_is_refused() -> None:
    data = bytearray(PACKED["zip"])
    directory = data.rfind(b"PK\x01\x02")
    struct.pack_into("<H", data, directory + 10, 12)
    with pytest.raises(FaultyArchiveError, match="another method than deflate"):
        list(expand_upload("a.zip", bytes(data)))


def test_the_directory_of_entries_is_not_read_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archived_files, "_LARGEST_DIRECTORY_BYTES", 80)
    with pytest.raises(OversizedArchiveError, match="more than 1000 entries"):
        list(expand_upload("a.zip", PACKED["zip"]))


def test_paths_are_never_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    list(expand_upload("a.zip", PACKED["zip"]))
    assert list(tmp_path.iterdir()) == []
