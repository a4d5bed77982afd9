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
    const tooLarge = file.size > model.get("limit");        // then its size is all that is sent
    for (let start = 0; start === 0 || start < file.size; start += chunk) {
      const end = tooLarge ? start : start + chunk;
      const piece = await file.slice(start, end).arrayBuffer();
      model.send({ name: file.name, size: file.size, start }, undefined, [piece]);
      if (tooLarge) break;
    }
    input.value = "";
    button.disabled = false;
    button.focus();
  });
  el.classList.add("stylelib-upload");
  el.append(button, input);
} };
