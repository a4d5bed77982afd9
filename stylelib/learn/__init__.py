"""For learners in notebooks.

check/      checkers of the exercises: a file for each notebook; `verdict` is what they share
show/       figures of pictures, curves and tables, and drawings, with captions
names.py    what the course's pictures are called
widgets/    live panels; notebooks get them from `stylelib.widgets`
    playground  turn a knob and see the picture change; `painter` paints it, `words` says what is going on
    browse      pictures to compare, under a slider
    still       what remains of a panel where no kernel runs
    page, look  what the browser gets: the JavaScript and the style sheets in assets/
"""
