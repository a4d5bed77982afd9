"""The font in stylelib/engine/fonts/, with which figures and sheets write Chinese: a part of Noto Sans SC.

    npm pack @expo-google-fonts/noto-sans-sc@0.4.3
    python data/make_font.py expo-google-fonts-noto-sans-sc-0.4.3.tgz

It keeps the 3755 hanzi that GB 2312 calls the usual ones, its signs, Latin letters, and every character of
the course's own texts, drops hints and features that Matplotlib and Pillow do not use, and gets a name of its
own: a machine may have the whole Noto Sans SC, and a figure must look alike on all. Run it again when
tests/engine/test_letters.py finds a character of the texts that is missing.
"""
import argparse
import hashlib
import io
import tarfile
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

ROOT = Path(__file__).parents[1]
FONTS = ROOT / "stylelib" / "engine" / "fonts"
NAME = "Noto Sans SC stylelib"
MEMBER = "package/400Regular/NotoSansSC_400Regular.ttf"
LICENSE = "package/LICENSE_FONT"
SHA256 = "d45f67f0a7c0ca3f256950777ce6a61cc7ce5f9696d02900cbbaac25f8aa7d16"
TEXTS = ("stylelib/locale/zh_*/*.po", "notebooks/locale/zh_*/*.po", "notebooks/zh/*.ipynb", "*.zh.md",
         "notebooks/*.zh.md")
HANZI, SIGNS = range(16, 56), range(1, 4)       # rows of GB 2312: the usual hanzi, the signs
UNUSED = ["GSUB", "GPOS", "GDEF", "BASE", "STAT", "vhea", "vmtx", "gasp", "prep"]


def characters() -> set[str]:
    """What the font must be able to write."""
    usual = {_gb2312(row, cell) for row in (*HANZI, *SIGNS) for cell in range(1, 95)}
    texts = (path.read_text("utf-8") for pattern in TEXTS for path in sorted(ROOT.glob(pattern)))
    letters = usual.union(map(chr, range(0x20, 0x180)), *texts)
    return {letter for letter in letters if letter and letter.isprintable()}


def _gb2312(row, cell):
    return bytes((row + 0xa0, cell + 0xa0)).decode("gb2312", "ignore")


def subset(font: bytes, letters: set[str]) -> bytes:
    """A font with these characters only, under its own name."""
    whole = TTFont(io.BytesIO(font), recalcTimestamp=False)
    options = Options(layout_features=[], hinting=False, name_IDs=[0, 13, 14], notdef_outline=True,
                      drop_tables=UNUSED, glyph_names=False)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=map(ord, "".join(letters)))
    subsetter.subset(whole)
    for number, text in {1: NAME, 2: "Regular", 3: f"{NAME} Regular", 4: NAME,
                         6: NAME.replace(" ", "")}.items():
        whole["name"].setName(text, number, 3, 1, 0x409)
    made = io.BytesIO()
    whole.save(made)
    return made.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", type=Path, help="the file that npm pack wrote")
    with tarfile.open(parser.parse_args().package) as package:
        font, license_text = (package.extractfile(name).read() for name in (MEMBER, LICENSE))
    if hashlib.sha256(font).hexdigest() != SHA256:
        raise SystemExit(f"{MEMBER} is another file than the one this program knows: npm pack "
                         "@expo-google-fonts/noto-sans-sc@0.4.3")
    made = subset(font, characters())
    FONTS.mkdir(exist_ok=True)
    (FONTS / "NotoSansSC-stylelib.ttf").write_bytes(made)
    (FONTS / "OFL.txt").write_bytes(license_text)
    print(f"{len(made) / 1e6:.2f} MB, SHA-256 {hashlib.sha256(made).hexdigest()}")


if __name__ == "__main__":
    main()
