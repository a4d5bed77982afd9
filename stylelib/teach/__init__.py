"""For teachers: student copies, slides, a site to read, and a folder that installs without a network.

Nothing here knows about pictures or networks. Each module is one command of `stylelib`.
"""
