"""Picture files: read and decoded, or one line that says why they cannot be.

A picture whose pixels are sound is a picture: what else a file says never decides whether it can be read.
"""
import contextlib
import errno
import io
import os
import threading
import warnings
from pathlib import Path
from typing import BinaryIO, TypeGuard

from PIL import Image

from .inputs import ImageError
from .language import mark, tr
from .rgb import to_rgb

File = str | os.PathLike[str] | BinaryIO | Image.Image      # what a picture file may be given as

MAX_PIXELS = 80_000_000     # an 80-megapixel photo needs about 1 GB as a float tensor
# Pillow would also start Ghostscript for a file that holds PostScript. HEIF is there only if the package
# pillow-heif was set up
READABLE = ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "AVIF", "HEIF", "MPO", "JPEG2000", "PPM", "QOI",
            "ICO", "PSD", "TGA")
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
# How files begin that are mistaken for pictures, in lower case: what they are, and what to do
STRANGERS = {
    (b"version https://git-lfs",):
        mark("{name} is not a picture but a pointer of Git LFS: get the picture itself with 'git lfs pull'"),
    (b"<!doctype html", b"<html"):
        mark("{name} is not a picture but a saved web page: save the picture itself"),
    (b"<svg", b"<?xml"): mark("{name} is not a picture but a drawing (SVG) or other XML: export it as PNG"),
    (b"%pdf",): mark("{name} is not a picture but a PDF: export the picture in it as PNG or JPEG"),
    (b"%!ps", b"\xc5\xd0\xd3\xc6"):
        mark("{name} is not a picture but a PostScript drawing: export it as PNG"),
    (b"\xff\x0a", b"\x00\x00\x00\x0cjxl "):
        mark("{name} is not a picture but a JPEG XL file: convert it to JPEG or PNG")}
NO_BYTES = mark("{name} must be opened as a binary file: open(path, 'rb')")
PNG_START = b"\x89PNG\r\n\x1a\n"
PNG_PIXELS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")          # a PNG's parts, by name
PNG_COLOURS_AND_TURN = (b"gAMA", b"sRGB", b"iCCP", b"eXIf")
_WARNINGS = threading.Lock()    # two threads that silence warnings at once could leave them silenced


def is_file(source: object) -> TypeGuard[File]:
    """Whether this names a file, is an open one, or is a Pillow picture: what `read_picture` takes."""
    return isinstance(source, (str, os.PathLike, Image.Image)) or hasattr(source, "read")


def name_of(source: object, role: str = mark("the picture")) -> str:
    """A file's name for a message; for what has none `role`, given in English and translated here."""
    if isinstance(source, (str, os.PathLike)):
        return str(os.fspath(source))
    return str(getattr(source, "name", None) or getattr(source, "filename", None) or tr(role))


def read_picture(source: File, background: str = "white", srgb: bool = True) -> Image.Image:
    """Read a picture with all that its file says about it: its turn, its transparency, its colours.

    Of an animation this is the first frame, of several pages the first.

    Args:
        source: a file's path (~ is the home folder), an open binary file, or a Pillow picture.
        background: the colour that transparent parts are laid on.
        srgb: convert colours from the file's own profile to sRGB. A mask's levels are no colours and stay.

    Returns:
        Pillow picture, mode RGB.

    Raises:
        ImageError: the file is missing, is no picture, is damaged or closed, has more than 80 million pixels,
            or nothing to see in it.
    """
    name = name_of(source)
    data = None if isinstance(source, Image.Image) else _read_bytes(source)
    with _clear_errors(name):
        picture = _decode_open(source, name) if data is None else _decode_bytes(data, name)
        return to_rgb(picture, name, background, srgb)


# --------------------------------------------------------------------------------------------------- bytes

def _read_bytes(source):
    if not is_file(source):
        raise ImageError(tr("a picture file is a path or an open binary file, got {kind}",
                            kind=type(source).__name__))
    if isinstance(source, (str, os.PathLike)) and not os.fspath(source):
        raise ImageError(tr("the name of the picture is empty: give the path of a file"))
    try:
        if hasattr(source, "seek") and source.seekable():
            source.seek(0)                          # an open file may have been read before
        data = source.read() if hasattr(source, "read") else Path(os.path.expanduser(source)).read_bytes()
    # a ValueError: a closed file, or a name that no file can have
    except (OSError, ValueError) as error:
        raise ImageError(why_unreadable(source, error)) from None
    if not isinstance(data, bytes):
        raise ImageError(tr(NO_BYTES, name=name_of(source)))
    return data


def why_unreadable(source: object, error: Exception, kind: str = mark("picture")) -> str:
    """What to say of a file that could not be opened or read, and what to do; `kind` is what it should be."""
    name, code = name_of(source), getattr(error, "errno", None)
    if isinstance(error, UnicodeDecodeError):
        return tr(NO_BYTES, name=name)
    if name.partition(":")[0].lower() in ("http", "https", "ftp", "file", "data") and ":" in name:
        # Translators: {kind} is "picture" or "film"
        return tr("{name} is a web address, not a file: download the {kind} first",
                  name=name[:100], kind=tr(kind))
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return _not_there(name)
    # Windows says: permission denied
    if isinstance(error, IsADirectoryError) or os.path.isdir(os.path.expanduser(name)):
        return tr("{name} is a folder, not a {kind}", name=name, kind=tr(kind))
    if code == errno.ENAMETOOLONG:
        return tr("cannot read {name}...: no file can have such a long name", name=name[:100])
    if code == errno.ELOOP:
        return tr("cannot read {name}: its links lead in a circle", name=name)
    reason = getattr(error, "strerror", None) or error
    return tr("cannot read {name!r} ({reason}): check its name and its permissions", name=name, reason=reason)


def too_many_pixels(name: str, most: int) -> str:
    """What to say of a picture or film with more than `most` pixels."""
    return tr("{name} has more than {millions} million pixels: shrink it first",
              name=name, millions=most // 10**6)


def damaged(name: str, error: Exception) -> str:
    """What to say of a picture or film that breaks off."""
    return tr("{name} is damaged and cannot be decoded ({error}): get a fresh copy", name=name, error=error)


def _not_there(name):
    """Where a relative name was looked for, too: with it one sees that a notebook was started elsewhere."""
    with contextlib.suppress(OSError):          # the folder itself was deleted meanwhile
        if not os.path.isabs(os.path.expanduser(name)):
            return tr("no such file: {name} (looked in {folder})", name=name, folder=os.getcwd())
    return tr("no such file: {name}", name=name)


# ------------------------------------------------------------------------------------------------ decoding

@contextlib.contextmanager
def _clear_errors(name):
    """Each of Pillow's many ways to fail as an ImageError; what it only warns of is no reason to refuse."""
    try:
        with _WARNINGS, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except ImageError:
        raise
    except Image.DecompressionBombError:
        raise ImageError(too_many_pixels(name, MAX_PIXELS)) from None
    except MemoryError:
        raise MemoryError(tr("there is too little memory to decode {name}: shrink it first, or close other "
                             "programs", name=name)) from None
    except Exception as error:      # noqa: BLE001  a damaged file makes Pillow raise almost anything
        raise ImageError(damaged(name, error)) from None


def _decode_open(picture, name):
    """The pixels of a Pillow picture; one that was opened from a file reads them only now."""
    try:
        return _decode(picture)
    except (ValueError, AssertionError, AttributeError) as error:       # it depends on Pillow's version
        if "closed" in str(error) or getattr(picture, "fp", picture) is None:
            raise ImageError(tr("{name} is a Pillow picture that was closed before its pixels were read: use "
                                "it inside its 'with' block, or open it again", name=name)) from None
        raise


def _decode_bytes(data, name):
    """The pixels of a file's content. A PNG may do without some of its parts, if they are damaged."""
    Image.init()                    # makes all of Pillow's formats known; some versions lack some
    formats, first = [known for known in READABLE if known in Image.OPEN], None
    for content in (data, *_less_and_less(data)):
        try:
            return _decode(Image.open(io.BytesIO(content), formats=formats))
        except Exception as error:  # noqa: BLE001  damaged parts make Pillow raise almost anything
            first = first or error
    if isinstance(first, Image.UnidentifiedImageError):
        raise ImageError(_what_it_is(data, name)) from None
    raise first


def _decode(picture):
    width, height = picture.size                 # known from the header, before anything is decoded
    if width * height > MAX_PIXELS:
        raise Image.DecompressionBombError(f"{width}x{height}")
    picture.load()
    return picture


def _less_and_less(data):
    """A PNG's content without texts and the like, then with no more than its pixels; no other file's."""
    if data.startswith(PNG_START):
        yield _png_parts(data, PNG_PIXELS + PNG_COLOURS_AND_TURN)
        yield _png_parts(data, PNG_PIXELS)


def _png_parts(data, kinds):
    kept, start = [PNG_START], len(PNG_START)
    while start + 12 <= len(data):               # 4 bytes length, 4 kind, the content, 4 checksum
        end = start + 12 + int.from_bytes(data[start:start + 4], "big")
        if data[start + 4:start + 8] in kinds:
            kept.append(data[start:end])
        start = end
    return b"".join(kept)


def _what_it_is(data, name):
    """For a file that no decoder knows: what it seems to be, and what to do."""
    if not data:
        return tr("{name} is not a picture but an empty file: get a fresh copy", name=name)
    if data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS:
        return tr("{name} is not a picture that can be read: it is a HEIC file. Convert it to JPEG (iPhones "
                  "take JPEGs with Settings > Camera > Formats > Most Compatible)", name=name)
    if data[4:12] == b"ftypavif":
        return tr("{name} is not a picture that can be read: it is an AVIF file, which this Pillow does not "
                  "know. Convert it to JPEG", name=name)
    start = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for beginnings, what in STRANGERS.items():
        if start.startswith(beginnings):
            return tr(what, name=name)
    return tr("{name} is not a picture that can be read: use a JPEG, PNG, WebP or TIFF file", name=name)
