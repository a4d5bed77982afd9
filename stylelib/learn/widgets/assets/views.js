export default { render({ model, el }) {
  const view = String(Math.random());
  const answer = message => { if (message === "who is there?") model.send({ view, is: "here" }); };
  model.on("msg:custom", answer);
  model.send({ view, is: "new" });
  el.style.display = "none";
  return () => { model.off("msg:custom", answer); model.send({ view, is: "gone" }); };
} };
