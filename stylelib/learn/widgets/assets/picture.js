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
