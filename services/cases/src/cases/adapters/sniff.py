"""What a file is, told by its first bytes; what the sender says about it is not believed."""

from typing import BinaryIO

HEAD_BYTES = 16
UNKNOWN = "application/octet-stream"
_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"PK\x03\x04", "application/zip"),
    (b"OggS", "application/ogg"),
    (b"ID3", "audio/mpeg"),
)
_AT_FOUR: tuple[tuple[bytes, str], ...] = ((b"ftyp", "video/mp4"),)
_AT_EIGHT: tuple[tuple[bytes, str], ...] = (
    (b"WAVE", "audio/wav"),
    (b"AVI ", "video/x-msvideo"),
    (b"WEBP", "image/webp"),
)


def media_type(stream: BinaryIO) -> str:
    """The media type of a stream, which is left at its beginning; unknown bytes are just bytes."""
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    for offset, marks in ((0, _STARTS), (4, _AT_FOUR), (8, _AT_EIGHT)):
        for mark, kind in marks:
            if head[offset:].startswith(mark):
                return kind
    return UNKNOWN
