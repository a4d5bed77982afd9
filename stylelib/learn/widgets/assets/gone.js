export default { render({ model, el }) {
  const kernel = model.widget_manager?.kernel;          // in JupyterLab and Notebook
  const ended = (_, status) => {
    if (el.firstChild || !["restarting", "autorestarting", "dead", undefined].includes(status)) return;
    const words = model.get("words"), said = document.createElement("div");
    said.setAttribute("role", "alert");
    said.textContent = words.gone;
    el.append(said);
    for (const part of el.closest(".stylelib-panel").children) if (part !== el) part.inert = true;
  };
  kernel?.statusChanged?.connect(ended);
  kernel?.disposed?.connect(ended);
  el.classList.add("stylelib-gone");
  return () => { kernel?.statusChanged?.disconnect(ended); kernel?.disposed?.disconnect(ended); };
} };
