"""What a picture says besides its pixels: how the camera was held, which red it means, what is transparent.

All of it is used where it can be read, and never decides whether the picture can.
"""
import io

import numpy as np
from PIL import Image, ImageCms

from .inputs import ImageError
from .language import tr

ORIENTATION = 0x0112        # the EXIF tag, and what it asks for
TURNS = {2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
         4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE,
         6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_90}


def to_rgb(picture: Image.Image, name: str, background: str, srgb: bool) -> Image.Image:
    """A decoded picture of any kind as upright pixels in 8 bits, as a screen shows them.

    Args:
        picture: decoded, of any mode.
        name: of the picture, for messages.
        background: the colour that transparent parts are laid on.
        srgb: convert colours from the file's own profile to sRGB.

    Returns:
        Pillow picture, mode RGB.

    Raises:
        ImageError: its numbers have no agreed range, or there is nothing to see in it.
    """
    picture = _upright(picture)
    info, picture = picture.info, _eight_bits(picture, name)
    if srgb:
        picture = _to_srgb(picture, info)
    return _laid_on(picture, background, name)


def _upright(picture):
    """Turned as the camera was held.

    Pillow's own `exif_transpose` also rewrites the EXIF, and fails if it is odd.
    """
    try:
        turn = TURNS.get(picture.getexif().get(ORIENTATION))
    except Exception:               # noqa: BLE001  a damaged EXIF makes Pillow raise almost anything
        turn = None
    return picture if turn is None else picture.transpose(turn)


def _eight_bits(picture, name):
    """16-bit grey in 8 bits; Pillow's own conversion would clip it to white."""
    if picture.mode == "F":
        raise ImageError(tr("{name} holds floating-point numbers, which have no agreed range: convert it to "
                            "8 or 16 bits", name=name))
    if not picture.mode.startswith("I"):
        return picture
    levels = np.asarray(picture).astype(np.float64)
    low, high = levels.min(), levels.max()
    if low < 0 or high > 65535:
        raise ImageError(tr("{name} goes from {low:.0f} to {high:.0f}, more than 16 bits hold: convert it to "
                            "8 or 16 bits", name=name, low=low, high=high))
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
    usual = "srgb" in info or not gamma or abs(2.2 * gamma - 1) < 0.05       # 1/2.2 means sRGB
    if not profile and usual:
        return picture
    alpha, pixels = None, picture.convert("RGB") if picture.mode == "P" else picture
    if picture.has_transparency_data:
        pixels = picture.convert("LA" if picture.mode in ("L", "LA", "La") else "RGBA")
        alpha, pixels = pixels.getchannel("A"), pixels.convert(pixels.mode[:-1])
    try:
        pixels = _from_profile(pixels, profile) if profile else _from_gamma(pixels, gamma)
    except Exception:   # noqa: BLE001  a damaged profile, one of other colours, or Pillow without LittleCMS
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
            raise ImageError(tr("{name} is transparent everywhere: there is nothing to see", name=name))
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, background), picture)
    return picture.convert("RGB")
