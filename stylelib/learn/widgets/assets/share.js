// A picture as a download, and its recipe as a line to copy, to paste and to use.

export default { render({ model, el }) {
  const words = model.get("words");
  el.classList.add("stylelib-share");
  const add = (text, title, action, place = el) => {
    const made = document.createElement("button");
    Object.assign(made, { type: "button", textContent: text, title });
    made.addEventListener("click", action);
    place.append(made);
    return made;
  };
  const downloads = document.createElement("div"), row = document.createElement("div");
  downloads.className = "downloads";
  row.className = "recipe";
  el.append(downloads, row);

  const buttons = {};
  for (const [kind, text, title] of model.get("kinds")) {
    buttons[kind] = add(text, title, () => {
      buttons[kind].disabled = true;
      said.textContent = words.wait;
      model.send({ is: "download", kind });
    }, downloads);
  }
  const lock = () => {
    for (const button of Object.values(buttons)) button.disabled = !model.get("ready");
  };

  const label = document.createElement("label"), line = document.createElement("input");
  label.textContent = words.recipe;
  Object.assign(line, { type: "text", spellcheck: false, autocomplete: "off" });
  label.append(line);
  row.append(label);
  let shown = null;                     // what stood in the box before somebody wrote into it
  const copied = () => model.send({ is: "copied" });
  const copy = add(words.copy, words["copy title"], async () => {
    shown = line.value;
    show();
    line.select();
    copied();
    try {
      await navigator.clipboard.writeText(line.value);
      said.textContent = words.copied;
    } catch {
      const done = document.execCommand("copy");
      said.textContent = done ? words.copied : words["copy yourself"];
    }
  }, row);
  const use = add(words.use, words["use title"], () => {
    said.textContent = "";
    shown = line.value;
    model.send({ is: "use", line: line.value });
  }, row);
  line.addEventListener("keydown", event => { if (event.key === "Enter" && !event.isComposing) use.click(); });
  const compare = () => { use.disabled = line.value.trim() === model.get("line"); };
  line.addEventListener("input", compare);
  const show = () => {
    copy.disabled = !model.get("line");
    // while it paints, the line changes all the time: what somebody pastes stays until it is used
    if (line.value === shown || !row.contains(document.activeElement)) line.value = shown = model.get("line");
    line.placeholder = words.hint;
    compare();
  };
  const said = document.createElement("div");
  said.className = "said";
  said.setAttribute("role", "status");
  el.append(said);

  const receive = (message, buffers) => {
    if (message.is === "wrong line") { line.value = message.line; shown = null; compare(); return; }
    lock();
    said.textContent = message.words;
    if (message.is !== "file") return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([buffers[0]], { type: message.type }));
    link.download = message.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  };
  const onCopy = event => { if (el.closest(".stylelib-panel")?.contains(event.target)) copied(); };
  document.addEventListener("copy", onCopy);
  model.on("msg:custom", receive);
  model.on("change:line", show);
  model.on("change:ready", lock);
  show();
  lock();
  return () => {
    document.removeEventListener("copy", onCopy);
    model.off("msg:custom", receive);
  };
} };
