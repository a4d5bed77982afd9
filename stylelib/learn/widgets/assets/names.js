// What ipywidgets leaves unsaid to a screen reader, and keys that JupyterLab would take for itself.

const ARROWS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

function name(panel, words) {
  const set = (element, attribute, value) => {
    if (element && element.getAttribute(attribute) !== String(value)) element.setAttribute(attribute, value);
  };
  for (const slider of panel.querySelectorAll(".widget-slider")) {
    const handle = slider.querySelector(".noUi-handle");
    const label = slider.querySelector(":scope > .widget-label");
    const readout = slider.querySelector(".widget-readout")?.textContent;
    if (label) set(handle, "aria-label", label.textContent);
    if (readout) set(handle, "aria-valuetext", readout);
  }
  for (const label of panel.querySelectorAll("[title='null']")) label.removeAttribute("title");
  for (const group of panel.querySelectorAll(".widget-toggle-buttons")) {
    set(group, "role", "group");
    set(group, "aria-label", group.querySelector(":scope > .widget-label")?.textContent || words.choice);
  }
  for (const button of panel.querySelectorAll(".widget-toggle-button")) {
    set(button, "aria-pressed", button.classList.contains("mod-active"));
  }
  // Of a gallery's many buttons only the chosen one lies on the way of the Tab key; arrows reach the others
  for (const button of panel.querySelectorAll(".gallery .widget-toggle-button")) {
    set(button, "tabindex", button.classList.contains("mod-active") ? 0 : -1);
  }
  for (const bar of panel.querySelectorAll(".widget-hprogress .progress")) {
    const share = parseFloat(bar.querySelector(".progress-bar")?.style.width) || 0;
    set(bar, "role", "progressbar");
    set(bar, "aria-label", words.done);
    set(bar, "aria-valuenow", Math.round(share));
  }
}

function step(event) {
  const button = event.target.closest?.(".gallery .widget-toggle-button");
  if (!button || !(event.key in ARROWS)) return;
  const all = [...button.parentElement.querySelectorAll(".widget-toggle-button")];
  event.preventDefault();
  all.at((all.indexOf(button) + ARROWS[event.key]) % all.length).focus();
}

export default { render({ model, el }) {
  const words = model.get("words");
  const observer = new MutationObserver(() => name(el.closest(".stylelib-panel") ?? el, words));
  let panel, waiting;
  // Single letters are the notebook's commands: `d d` would delete the cell. Its Ctrl+S stays. The element itself
  // is marked: the commands look for a ":focus", and would find it before they come to a mark on the panel
  const keep = event => {
    if (panel.contains(event.target)) event.target.toggleAttribute(
      "data-lm-suppress-shortcuts", !((event.ctrlKey || event.metaKey) && event.key !== "z") && !event.altKey
        && !(event.shiftKey && event.key === "Enter"));
  };
  const begin = () => {
    panel = el.closest(".stylelib-panel");
    if (!panel) { waiting = requestAnimationFrame(begin); return; }
    observer.observe(panel, { subtree: true, childList: true, attributes: true,
                              attributeFilter: ["class", "aria-valuetext", "style"] });
    panel.addEventListener("keydown", step);
    window.addEventListener("keydown", keep, true);
    name(panel, words);
  };
  waiting = requestAnimationFrame(begin);
  el.style.display = "none";
  return () => {
    cancelAnimationFrame(waiting);
    observer.disconnect();
    panel?.removeEventListener("keydown", step);
    window.removeEventListener("keydown", keep, true);
  };
} };
