"""What else can describe a style, and where it goes: each file belongs to a notebook.

    recipes      notebook 05   published settings, translated into one unit
    masks        notebook 06   which part of a picture counts
    colors       notebook 06   the photo's own colours kept
    statistics   notebook 07   six ways to describe style, the Gram matrix among them
"""
