"""Picture files: from any file that Pillow reads to upright pixels in 8 bits, as a screen shows them (sRGB).

A picture whose pixels are sound is a picture. What else a file holds (how the camera was held, which red it
means, texts) is used where it can be read, and never decides whether the picture can.
"""
import contextlib
import errno
import io
import os
import threading
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms

from .inputs import ImageError

MAX_PIXELS = 80_000_000     # an 80-megapixel photo needs about 1 GB as a float tensor
# Pillow would also start Ghostscript for a file that holds PostScript. HEIF is there only if the package
# pillow-heif was set up
READABLE = ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "AVIF", "HEIF", "MPO", "JPEG2000", "PPM", "QOI",
            "ICO", "PSD", "TGA")
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
# how a file begins that is taken for a picture, in small letters: what it is, and what to do
STRANGERS = {
    (b"version https://git-lfs",): "a pointer of Git LFS: get the picture itself with 'git lfs pull'",
    (b"<!doctype html", b"<html"): "a saved web page: save the picture itself",
    (b"<svg", b"<?xml"): "a drawing (SVG) or other XML: export it as PNG",
    (b"%pdf",): "a PDF: export the picture in it as PNG or JPEG",
    (b"%!ps", b"\xc5\xd0\xd3\xc6"): "a PostScript drawing: export it as PNG",
    (b"\xff\x0a", b"\x00\x00\x00\x0cjxl "): "a JPEG XL file: convert it to JPEG or PNG"}
ORIENTATION = 0x0112        # the EXIF tag, and what it asks for
TURNS = {2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
         4: Image.Transpose.FLIP_TOP_BOTTOM,
         5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
         8: Image.Transpose.ROTATE_90}
_WARNINGS = threading.Lock()    # two threads that silence warnings at once could leave them silenced


def is_file(source):
    """Whether this names a file, is an open one, or is a Pillow picture: what `read_picture` takes."""
    return isinstance(source, (str, os.PathLike, Image.Image)) or hasattr(source, "read")


def name_of(source, role="the picture"):
    """A file's name for a message; `role` for what has none."""
    if isinstance(source, (str, os.PathLike)):
        return os.fspath(source)
    return str(getattr(source, "name", None) or getattr(source, "filename", None) or role)


def read_picture(source, background="white", srgb=True):
    """Read a picture with all that its file says about it: its turn, its transparency, its colours.

    Of an animation this is the first frame, of several pages the first.

    Args:
        source: a file's path (~ is the home folder), an open binary file, or a Pillow picture.
        background: the colour that transparent parts are laid on.
        srgb: convert colours from the file's own profile to sRGB. A mask's levels are no colours and stay.

    Returns:
        Pillow picture, mode RGB.

    Raises:
        ImageError: the file is missing, is no picture, is damaged, has more than 80 million pixels, or
            nothing to see in it.
    """
    name = name_of(source)
    data = None if isinstance(source, Image.Image) else _read_bytes(source)
    with _clear_errors(name):
        picture = _upright(_decode(source) if data is None else _decode_bytes(data, name))
        info, picture = picture.info, _eight_bits(picture, name)
        if srgb:
            picture = _to_srgb(picture, info)
        return _laid_on(picture, background, name)


# --------------------------------------------------------------------------------------------------- bytes

def _read_bytes(source):
    if not is_file(source):
        raise ImageError(f"a picture file is a path or an open binary file, got {type(source).__name__}")
    if isinstance(source, (str, os.PathLike)) and not os.fspath(source):
        raise ImageError("the name of the picture is empty: give the path of a file")
    try:
        if hasattr(source, "seek") and source.seekable():
            source.seek(0)                          # an open file may have been read before
        data = source.read() if hasattr(source, "read") else Path(os.path.expanduser(source)).read_bytes()
    # a ValueError: a closed file, or a name that no file can have
    except (OSError, ValueError) as error:
        raise ImageError(_why_unreadable(source, error)) from None
    if not isinstance(data, bytes):
        raise ImageError(f"{name_of(source)} must be opened as a binary file: open(path, 'rb')")
    return data


def _why_unreadable(source, error):
    name, code = name_of(source), getattr(error, "errno", None)
    if isinstance(error, UnicodeDecodeError):
        return f"{name} must be opened as a binary file: open(path, 'rb')"
    if name.partition(":")[0].lower() in ("http", "https", "ftp", "file", "data") and ":" in name:
        return f"{name[:100]} is a web address, not a file: download the picture first"
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return f"no such file: {name}{_looked_in(name)}"
    # Windows says: permission denied
    if isinstance(error, IsADirectoryError) or os.path.isdir(os.path.expanduser(name)):
        return f"{name} is a folder, not a picture"
    if code == errno.ENAMETOOLONG:
        return f"cannot read {name[:100]}...: no file can have such a long name"
    if code == errno.ELOOP:
        return f"cannot read {name}: its links lead in a circle"
    reason = getattr(error, "strerror", None) or error
    return f"cannot read {name!r} ({reason}): check its name and its permissions"


def _looked_in(name):
    """Where a relative name was looked for: with it one sees that a notebook was started elsewhere."""
    try:
        return "" if os.path.isabs(os.path.expanduser(name)) else f" (looked in {os.getcwd()})"
    except OSError:             # the folder itself was deleted meanwhile
        return ""


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
        raise ImageError(f"{name} has more than {MAX_PIXELS // 10**6} million pixels: shrink it "
                         "first") from None
    except MemoryError:
        raise MemoryError(f"there is too little memory to decode {name}: shrink it first, or close other "
                          "programs") from None
    except Exception as error:      # a damaged file makes Pillow's decoders raise almost anything
        raise ImageError(f"{name} is damaged and cannot be decoded ({error}): get a fresh copy") from None


def _decode_bytes(data, name):
    Image.init()                    # makes all of Pillow's formats known; some versions lack some
    formats = [known for known in READABLE if known in Image.OPEN]
    try:
        return _decode(Image.open(io.BytesIO(data), formats=formats))
    except Exception as error:
        pixels = _bare_png(data)
        if pixels is not None:
            return _decode(Image.open(io.BytesIO(pixels), formats=["PNG"]))
        if isinstance(error, Image.UnidentifiedImageError):
            raise ImageError(f"{name} is not a picture {_what_it_is(data)}") from None
        raise


def _decode(picture):
    width, height = picture.size                 # known from the header, before anything is decoded
    if width * height > MAX_PIXELS:
        raise Image.DecompressionBombError(f"{width}x{height}")
    picture.load()
    return picture


def _bare_png(data):
    """A PNG's pixels without what is said about them, which may be damaged; None for another file."""
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        return None
    kept, start = [data[:8]], 8
    while start + 12 <= len(data):               # 4 bytes length, 4 kind, the content, 4 checksum
        end = start + 12 + int.from_bytes(data[start:start + 4], "big")
        if data[start + 4:start + 8] in (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"):
            kept.append(data[start:end])
        start = end
    return b"".join(kept)


def _what_it_is(data):
    """For a file that no decoder knows: what it seems to be, and what to do."""
    if not data:
        return "but an empty file: get a fresh copy"
    if data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS:
        return ("that can be read: it is a HEIC file. Convert it to JPEG (iPhones take JPEGs with Settings > "
                "Camera > Formats > Most Compatible)")
    if data[4:12] == b"ftypavif":
        return "that can be read: it is an AVIF file, which this Pillow does not know. Convert it to JPEG"
    start = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for beginnings, what in STRANGERS.items():
        if start.startswith(beginnings):
            return f"but {what}"
    return "that can be read: use a JPEG, PNG, WebP or TIFF file"


# -------------------------------------------------------------------------------------- what files say more

def _upright(picture):
    """Turned as the camera was held.

    Pillow's own `exif_transpose` also rewrites the EXIF, and fails if it is odd.
    """
    try:
        turn = TURNS.get(picture.getexif().get(ORIENTATION))
    except Exception:               # a damaged EXIF makes Pillow raise almost anything
        turn = None
    return picture if turn is None else picture.transpose(turn)


def _eight_bits(picture, name):
    """16-bit grey in 8 bits; Pillow's own conversion would clip it to white."""
    if picture.mode == "F":
        raise ImageError(f"{name} holds floating-point numbers, which have no agreed range: convert it to 8 "
                         "or 16 bits")
    if not picture.mode.startswith("I"):
        return picture
    levels = np.asarray(picture).astype(np.float64)
    low, high = levels.min(), levels.max()
    if low < 0 or high > 65535:
        raise ImageError(f"{name} goes from {low:.0f} to {high:.0f}, more than 16 bits hold: convert it to 8 "
                         "or 16 bits")
    # otherwise these are 8-bit levels in a wide file, and as 16-bit levels all black
    if high > 255:
        levels = levels / 65535 * 255
    return Image.fromarray(levels.round().astype(np.uint8))


def _to_srgb(picture, info):
    """Colours from the file's own red, green and blue, which phones and cameras often have larger, to sRGB.

    Without this a phone's photo (Display P3) loses about a quarter of its colourfulness. A profile that
    cannot be used is ignored.
    """
    profile, gamma = info.get("icc_profile"), info.get("gamma")
    if not profile and ("srgb" in info or not gamma or abs(2.2 * gamma - 1) < 0.05):       # 1/2.2 means sRGB
        return picture
    alpha, pixels = None, picture.convert("RGB") if picture.mode == "P" else picture
    if picture.has_transparency_data:
        pixels = picture.convert("LA" if picture.mode in ("L", "LA", "La") else "RGBA")
        alpha, pixels = pixels.getchannel("A"), pixels.convert(pixels.mode[:-1])
    try:
        pixels = _from_profile(pixels, profile) if profile else _from_gamma(pixels, gamma)
    # a damaged profile, one of another kind of colours, or Pillow without its colour part
    except Exception:
        return picture
    if alpha is not None:
        pixels.putalpha(alpha)
    return pixels


def _from_profile(pixels, data):
    profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
    if pixels.mode == "L" and profile.profile.xcolor_space == "RGB ":
        pixels = pixels.convert("RGB")
    return ImageCms.profileToProfile(pixels, profile, ImageCms.createProfile("sRGB"), outputMode="RGB")


def _from_gamma(pixels, gamma):
    """PNG's older way: a level is the light to the power `gamma`."""
    light = np.linspace(0, 1, 256) ** (1 / gamma)
    # sRGB, IEC 61966-2-1
    levels = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return pixels.point((255 * levels).round().astype(int).tolist() * len(pixels.getbands()))


def _laid_on(picture, background, name):
    """RGB, with transparent parts laid on a colour."""
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        if picture.getchannel("A").getextrema()[1] == 0:
            raise ImageError(f"{name} is transparent everywhere: there is nothing to see")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, background), picture)
    return picture.convert("RGB")
