"""Small widgets with JavaScript of their own, for what ipywidgets leaves undone.

Its Image has no alternative text. Its FileUpload sends a file as one message: Jupyter's server closes the connection on more
than 10 MiB, and nobody is told. Its sliders and toggle buttons tell a screen reader neither their name nor
their state. After a restart of the kernel its widgets look alive. Its count of views never forgets those of a
page that was closed.
"""
import anywidget
import traitlets

from ...engine.inputs import ImageError

CHUNK = 4 * 2**20           # bytes of a file in one message
LIMIT = 100 * 2**20         # bytes of a file


class Picture(anywidget.AnyWidget):
    """A picture on the page.

    Attributes:
        value: the bytes of a JPEG or PNG file.
        alt: what it shows, in words, for those who cannot see it.
    """

    value = traitlets.Bytes().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    _css = ".stylelib-picture > img { display: block; width: 100%; height: 100%; object-fit: contain; margin: 0 }"
    _esm = """
export default { render({ model, el }) {
  const image = document.createElement("img");
  const describe = () => { image.alt = model.get("alt"); };
  const show = () => {
    const old = image.src;
    image.src = URL.createObjectURL(new Blob([model.get("value")]));
    URL.revokeObjectURL(old);
  };
  model.on("change:alt", describe);
  model.on("change:value", show);
  describe();
  show();
  el.classList.add("stylelib-picture");
  el.append(image);
  return () => URL.revokeObjectURL(image.src);
} };
"""


class Upload(anywidget.AnyWidget):
    """A button that reads a file of the user's computer and hands it over, piece by piece.

    Args:
        description: what a screen reader calls the button; it shows "Upload".
        on_file: function of the file's name and its content (bytes).
        on_error: function of an ImageError; called when the file is larger than LIMIT.
    """

    description = traitlets.Unicode().tag(sync=True)
    chunk = traitlets.Int(CHUNK).tag(sync=True)
    limit = traitlets.Int(LIMIT).tag(sync=True)
    _esm = """
export default { render({ model, el }) {
  const button = document.createElement("button"), input = document.createElement("input");
  button.textContent = "Upload";
  button.title = model.get("description");
  button.setAttribute("aria-label", model.get("description"));
  input.type = "file";
  input.accept = "image/*";
  input.hidden = true;
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", async () => {
    const file = input.files[0], chunk = model.get("chunk");
    if (!file) return;
    button.disabled = true;
    for (let start = 0; start === 0 || start < file.size; start += chunk) {
      const piece = file.size > model.get("limit") ? new ArrayBuffer(0) : await file.slice(start, start + chunk).arrayBuffer();
      model.send({ name: file.name, size: file.size, start }, undefined, [piece]);
      if (file.size > model.get("limit")) break;
    }
    input.value = "";
    button.disabled = false;
    button.focus();
  });
  el.classList.add("stylelib-upload");
  el.append(button, input);
} };
"""

    def __init__(self, description, on_file, on_error):
        super().__init__(description=description)
        self._on_file, self._on_error, self._content = on_file, on_error, bytearray()
        self.on_msg(self._receive)

    def _receive(self, widget, piece, buffers):
        name, size = piece["name"], piece["size"]
        if piece["start"] == 0:
            self._content = bytearray()
        self._content += buffers[0]
        if size > self.limit:
            self._on_error(ImageError(f"{name} has {size / 2**20:.0f} MB; {self.limit // 2**20} MB are the limit: shrink it first"))
        elif len(self._content) == size:
            content, self._content = bytes(self._content), bytearray()
            self._on_file(name, content)


class Names(anywidget.AnyWidget):
    """Gives each slider of its panel the name and value that stand beside it, toggle buttons their state."""

    _esm = """
export default { render({ el }) {
  const name = panel => {
    for (const slider of panel.querySelectorAll(".widget-slider")) {
      const handle = slider.querySelector(".noUi-handle");
      const label = slider.querySelector(":scope > .widget-label");
      const readout = slider.querySelector(".widget-readout")?.textContent;
      if (label) handle?.setAttribute("aria-label", label.textContent);
      if (readout && handle?.getAttribute("aria-valuetext") !== readout) {
        handle?.setAttribute("aria-valuetext", readout);
      }
    }
    for (const button of panel.querySelectorAll(".widget-toggle-button")) {
      button.setAttribute("aria-pressed", button.classList.contains("mod-active"));
    }
  };
  const observer = new MutationObserver(() => name(el.closest(".stylelib-panel") ?? el));
  const begin = () => {
    const panel = el.closest(".stylelib-panel");
    if (!panel) { waiting = requestAnimationFrame(begin); return; }
    observer.observe(panel, { subtree: true, childList: true, attributes: true,
                              attributeFilter: ["class", "aria-valuetext"] });
    name(panel);
  };
  let waiting = requestAnimationFrame(begin);
  el.style.display = "none";
  return () => { cancelAnimationFrame(waiting); observer.disconnect(); };
} };
"""


class Gone(anywidget.AnyWidget):
    """Shows nothing while the kernel lives.

    When it has ended, whoever ended it, locks the panel and says what to do.

    ipywidgets marks its widgets after "Restart Kernel" only; nothing is said of a kernel that was shut down
    or killed. It also hides the still picture in the output before the panel's.
    """

    _css = """
.jp-OutputArea-child:has(> .jp-RenderedImage):has(+ .jp-OutputArea-child .stylelib-gone) { display: none }
.stylelib-panel > .stylelib-gone { order: -1; margin: 0; font-size: 14px;
  color: var(--jp-ui-font-color1, #222) }
.stylelib-gone > div { margin: 0 0 10px 0; padding: 8px 10px; border-left: 4px solid #d55e00;
  background: var(--jp-layout-color2, #f3f3f3) }
.stylelib-panel > [inert] { opacity: 0.5 }
.stylelib-panel > [inert] .facts { display: none }
.stylelib-panel.jupyter-widgets-disconnected::before,
.stylelib-panel .jupyter-widgets-disconnected::before { content: none !important }
"""
    _esm = """
export default { render({ model, el }) {
  const kernel = model.widget_manager?.kernel;          // in JupyterLab and Notebook
  const ended = (_, status) => {
    if (el.firstChild || !["restarting", "autorestarting", "dead", undefined].includes(status)) return;
    const words = document.createElement("div");
    words.setAttribute("role", "alert");
    words.textContent = "The kernel was restarted or has ended: run this cell again, after those above it.";
    el.append(words);
    for (const part of el.closest(".stylelib-panel").children) if (part !== el) part.inert = true;
  };
  kernel?.statusChanged?.connect(ended);
  kernel?.disposed?.connect(ended);
  el.classList.add("stylelib-gone");
  return () => { kernel?.statusChanged?.disconnect(ended); kernel?.disposed?.disconnect(ended); };
} };
"""


class Views(anywidget.AnyWidget):
    """Shows nothing. Knows which views of its panel there are.

    A page that is closed or loaded anew does not say that its views are gone. So each new view makes the
    kernel ask who is there, and only pages that live answer.

    Args:
        on_none: function without arguments, called when the last view has gone.
    """

    _esm = """
export default { render({ model, el }) {
  const view = String(Math.random());
  const answer = message => { if (message === "who is there?") model.send({ view, is: "here" }); };
  model.on("msg:custom", answer);
  model.send({ view, is: "new" });
  el.style.display = "none";
  return () => { model.off("msg:custom", answer); model.send({ view, is: "gone" }); };
} };
"""

    def __init__(self, on_none):
        super().__init__()
        self._on_none, self._there = on_none, set()
        self.on_msg(self._hear)

    def _hear(self, widget, message, buffers):
        view, event = message["view"], message["is"]
        if event == "new":
            self._there = {view}
            self.send("who is there?")
        elif event == "here":
            self._there.add(view)
        else:
            self._there.discard(view)
            if not self._there:
                self._on_none()
