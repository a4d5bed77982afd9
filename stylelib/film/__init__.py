"""Moving pictures: frames in and out, where each pixel went, how to paint films, and how much they flicker.

    frames      a film's frames, one after the other, as pictures with their times
    writer      the same way back: a file that appears whole, and that can be played
    video       MP4, MOV, WebM ... by PyAV, which the extra `film` brings
    animations  animated GIF, WebP and PNG by Pillow
    flow        optical flow, warping along it, and where it can be trusted
    cuts        where a scene ends
    temporal    what holds a painted film together, as a loss
    shown       a film as a player shows it
    ways        three ways to paint: each frame for itself, steadily, by optimisation that looks back
    measures    flicker and sharpness
    paint       a film painted into a file
    kept        its painted frames, until it is whole
    stretches   parts of it, painted by one process or several
"""
