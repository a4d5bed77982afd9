"""How the playground looks: a style sheet, and the thumbnails of its galleries."""
import contextlib

from ...engine.inputs import ImageError
from .pictures import thumbnail

THUMBNAIL = 66, 44          # px

# Colours are JupyterLab's own where there are some (light and dark), else those of its light theme
STYLE = """
.PANEL { --ink: var(--jp-ui-font-color1, #222); --faint: var(--jp-ui-font-color2, #666);
  --line: var(--jp-border-color2, #ddd); --mark: #0b6bcb; color: var(--ink); max-width: 1240px; padding: 4px 2px; overflow: visible }
.PANEL .board { display: flex; flex-flow: row wrap; gap: 12px 22px; align-items: flex-start; overflow: visible }
.PANEL .knobs { flex: 0 0 296px; overflow: visible }
.PANEL .right { flex: 1 1 420px; overflow: visible; gap: 8px }
.PANEL .right > .widget-html, .PANEL .right > .widget-html > div { min-height: 0; height: auto }
.PANEL .stage { flex: 1000 1 420px; min-width: 300px; overflow: visible }
.PANEL .side { flex: 1 1 250px; min-width: 220px; overflow: visible; flex-flow: row wrap; gap: 4px 20px; align-items: flex-start }
.PANEL .side > .stylelib-picture { flex: 0 1 250px } .PANEL .side > .widget-html { flex: 1 1 160px }
.PANEL .knobs > *, .PANEL .stage > *, .PANEL .side > *, .PANEL .right > * { margin: 0 0 8px 0; width: 100%; overflow: visible }
.PANEL .widget-label, .PANEL .widget-checkbox label { color: var(--ink); font-size: 13px }
.PANEL .ends { display: flex; justify-content: space-between; color: var(--faint); font-size: 11px; line-height: 12px;
  margin: -12px 58px 0 96px }
.PANEL .knobs > .widget-html { margin: 0 0 6px 0 }
.PANEL .knobs > .widget-html, .PANEL .knobs > .widget-html > div { height: 14px; min-height: 0; line-height: 12px }
.PANEL .knobs .widget-readout { min-width: 46px; width: 46px; text-align: right; padding: 0; margin: 0 2px 0 0 }
.PANEL .knobs > .widget-inline-hbox:not(.widget-html), .PANEL .starts, .PANEL .row { min-height: 30px; margin-bottom: 4px }
.PANEL .knobs > .widget-inline-hbox > .widget-label { text-align: left }
.PANEL .gallery { position: relative; overflow: visible }
.PANEL .gallery .widget-toggle-buttons { flex-direction: column; width: 100%; margin: 0; height: auto; overflow: visible }
.PANEL .gallery .widget-toggle-buttons > .widget-label { text-align: left; width: auto; font-weight: 600 }
.PANEL .gallery .widget-toggle-buttons > div { display: flex; flex-wrap: wrap; gap: 6px; margin: 2px 0 0 0 }
.PANEL .gallery .widget-toggle-button { width: WIDTHpx; height: calc(HEIGHTpx + 25px); margin: 0; padding: calc(HEIGHTpx + 2px) 0 0 0;
  background: no-repeat top / WIDTHpx HEIGHTpx; border-radius: 3px; box-shadow: none; color: var(--faint);
  font-size: 11px; line-height: 11px; text-align: center; white-space: normal; overflow: hidden;
  display: flex; justify-content: center; align-items: flex-start }
.PANEL .gallery .widget-toggle-button.mod-active { outline: 3px solid var(--mark); color: var(--ink); font-weight: 600 }
.PANEL .gallery .widget-toggle-button:hover { color: var(--ink); box-shadow: 0 0 0 1px var(--faint) }
.PANEL .gallery .stylelib-upload { position: absolute; top: 0; right: 0; margin: 0; overflow: visible }
.PANEL .gallery .stylelib-upload button { height: 22px; line-height: 20px; padding: 0 8px; font-size: 11px; background: none;
  border: 1px solid var(--line); border-radius: 3px; color: var(--faint); cursor: pointer }
.PANEL .gallery .stylelib-upload button:hover { color: var(--ink); border-color: var(--faint) }
.PANEL button:focus-visible, .PANEL input:focus-visible, .PANEL .noUi-handle:focus-visible {
  outline: 2px solid var(--mark); outline-offset: 2px; box-shadow: none }
.PANEL .row { align-items: center; flex-wrap: nowrap; overflow: visible }
.PANEL .row > .widget-label { width: 92px; flex: none; margin: 0 8px 0 0 }
.PANEL .row .widget-toggle-button.mod-active, .PANEL .starts .widget-toggle-button.mod-active {
  background: var(--mark); color: white; box-shadow: none }
.PANEL .starts { display: flex; align-items: center } .PANEL .starts > .widget-label { margin-right: 8px; flex: none }
.PANEL .starts > div { display: flex; flex: 1 1 auto; margin: 0 }
.PANEL .row .widget-toggle-button, .PANEL .starts .widget-toggle-button { flex: 1 1 0; width: auto; margin: 0 2px 0 0;
  padding: 0 2px; border-radius: 3px; font-size: 12px }
.PANEL .buttons { gap: 8px; overflow: visible; flex-wrap: wrap }
.PANEL .buttons > button { flex: 1 1 84px; width: auto; height: 34px; line-height: 34px; margin: 0; padding: 0 4px; border-radius: 4px;
  font-size: 14px }
.PANEL .buttons > button.mod-primary { background: var(--mark); color: white }
.PANEL .canvas { background: var(--jp-layout-color2, #f3f3f3); border-radius: 4px; justify-content: center; align-items: center }
.PANEL .canvas > .stylelib-picture { flex: 1 1 auto; min-width: 0; margin: 0 }
.PANEL .canvas img { max-height: 470px }
.PANEL .side img { border-radius: 4px }
.PANEL .progress { height: 6px; min-height: 0; border-radius: 3px; margin: 0 }
.PANEL .widget-hprogress { height: 8px }
.PANEL .widget-html-content { font-size: 14px; line-height: 1.4 }
.PANEL .status b { font-weight: 600 }
.PANEL .facts { display: grid; grid-template-columns: auto 1fr; gap: 2px 10px; margin: 0 }
.PANEL .facts dt { color: var(--faint); font-weight: 400; white-space: nowrap }
.PANEL .facts dd { margin: 0; font-variant-numeric: tabular-nums }
.PANEL .good, .PANEL .bad { padding: 6px 10px; border-left: 4px solid #009e73; background: var(--jp-layout-color2, #f3f3f3) }
.PANEL .bad { border-color: #d55e00 }
.PANEL pre { margin: 2px 0 0 0; padding: 8px 10px; background: var(--jp-layout-color2, #f3f3f3); border-radius: 4px; font-size: 13px;
  line-height: 1.45; white-space: pre-wrap; overflow-wrap: break-word; color: var(--ink); user-select: text }
"""


def style_sheet(panel, galleries):
    """The panel's style sheet, as HTML.

    Args:
        panel: the panel's class, so that nothing else on the page is touched.
        galleries: {class of a gallery: picture files in the order of its buttons}.
    """
    width, height = THUMBNAIL
    rules = [STYLE.replace("WIDTH", str(width)).replace("HEIGHT", str(height))]
    for gallery, paths in galleries.items():
        for i, path in enumerate(paths, 1):
            with contextlib.suppress(ImageError):       # its button stays without a picture; pressing it says what is wrong
                picture = thumbnail(path, width, height)
                rules.append(f".PANEL .{gallery} .widget-toggle-button:nth-child({i}) {{ background-image: url({picture}) }}")
    return "<style>" + "\n".join(rules).replace("PANEL", panel) + "</style>"
