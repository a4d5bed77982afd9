// A picture as a download, and its recipe as a line to copy, to paste and to use.

export default { render({ model, el }) {
  el.classList.add("stylelib-share");
  const add = (words, title, action, place = el) => {
    const made = document.createElement("button");
    Object.assign(made, { type: "button", textContent: words, title });
    made.addEventListener("click", action);
    place.append(made);
    return made;
  };
  const downloads = document.createElement("div"), row = document.createElement("div");
  downloads.className = "downloads";
  row.className = "recipe";
  el.append(downloads, row);

  const buttons = {};
  for (const [kind, words, title] of model.get("kinds")) {
    buttons[kind] = add(words, title, () => {
      buttons[kind].disabled = true;
      said.textContent = "One moment ...";
      model.send({ is: "download", kind });
    }, downloads);
  }
  const lock = () => {
    for (const button of Object.values(buttons)) button.disabled = !model.get("ready");
  };

  const label = document.createElement("label"), line = document.createElement("input");
  label.textContent = "Recipe";
  Object.assign(line, { type: "text", spellcheck: false, autocomplete: "off" });
  label.append(line);
  row.append(label);
  const copy = add("Copy", "Copy the recipe of the picture", async () => {
    line.select();
    try {
      await navigator.clipboard.writeText(line.value);
      said.textContent = "The recipe is on the clipboard.";
    } catch {
      const done = document.execCommand("copy");
      said.textContent = done ? "The recipe is on the clipboard." : "Press Ctrl+C now: the line is chosen.";
    }
  }, row);
  const use = add("Use", "Set all knobs as this line says", () => {
    said.textContent = "";
    model.send({ is: "use", line: line.value });
  }, row);
  line.addEventListener("keydown", event => { if (event.key === "Enter" && !event.isComposing) use.click(); });
  const compare = () => { use.disabled = line.value.trim() === model.get("line"); };
  line.addEventListener("input", compare);
  const show = () => {
    line.value = model.get("line");
    copy.disabled = !line.value;
    line.placeholder = "paste a line that begins with stylelib:1";
    compare();
  };
  const said = document.createElement("div");
  said.className = "said";
  said.setAttribute("role", "status");
  el.append(said);

  const receive = (message, buffers) => {
    if (message.is === "wrong line") { line.value = message.line; compare(); return; }
    lock();
    said.textContent = message.words;
    if (message.is !== "file") return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([buffers[0]], { type: message.type }));
    link.download = message.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  };
  model.on("msg:custom", receive);
  model.on("change:line", show);
  model.on("change:ready", lock);
  show();
  lock();
  return () => model.off("msg:custom", receive);
} };
