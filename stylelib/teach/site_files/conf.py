"""Sphinx's settings for the course as a site. `stylelib site` puts this file beside the pages."""
# its language, and its title in that language, are told by `stylelib.teach.site`
author = "the course's authors"
extensions = ["myst_nb", "sphinx.ext.mathjax"]
exclude_patterns = ["stylelib", "tests/**.py"]
# warnings of no use: commands such as %pip in a listing are no Python; a handout has no pages for teachers
suppress_warnings = ["misc.highlighting_failure", "toc.empty_glob"]

nb_execution_mode = "off"                   # outputs are shown as they are stored
nb_merge_streams = True
myst_enable_extensions = ["amsmath", "dollarmath"]
myst_heading_anchors = 4
mathjax_path = "tex-svg.js"

html_theme = "furo"
html_theme_options = {"navigation_with_keys": True}
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["words.js", "site.js"]
templates_path = ["templates"]
html_show_sourcelink = False
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_use_index = False                      # an index of Python names, of which there are none
