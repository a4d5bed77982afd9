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
