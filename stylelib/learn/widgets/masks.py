"""Masks that were painted with a brush: files, so that code and recipes can name them."""
import hashlib
import io
from pathlib import Path

from ...engine.reading import read_picture
from ...style.masks import load_mask
from .galleries import pictures_in


class Masks:
    """The folder of the masks that were painted here.

    A mask is called after its photo and its content: another mask has another name, so an old recipe never
    makes another picture. One that nothing was made with is removed when the next one comes.

    Args:
        folder: theirs alone; made when the first one comes.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._draft: Path | None = None

    @property
    def known(self) -> dict[str, str]:
        """{name: file} of all masks that are there."""
        return {path.stem: path.as_posix() for path in pictures_in(self._folder)}

    def write(self, photo: str, content: bytes) -> str:
        """Write a mask; returns its file.

        Args:
            photo: the name of the photo that it is for.
            content: of a picture file, white where the style shall be.

        Raises:
            ImageError: it is black everywhere, or no picture.
            OSError: it cannot be written.
        """
        load_mask(io.BytesIO(content))
        self.drop()
        path = self._folder / f"mask-{photo}-{hashlib.sha256(content).hexdigest()[:8]}.png"
        self._folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_bytes(content)
            self._draft = path
        return path.as_posix()

    def keep(self) -> None:
        """Something was made with the last one: it stays."""
        self._draft = None

    def drop(self) -> None:
        """Remove the last one, if nothing was made with it."""
        if self._draft is not None:
            self._draft.unlink(missing_ok=True)
            self._draft = None


def is_black(content: bytes) -> bool:
    """Whether nothing of a mask, a picture file, is white: all was erased.

    Raises:
        ImageError: it is no picture.
    """
    return read_picture(io.BytesIO(content), background="black", srgb=False).convert("L").getbbox() is None
