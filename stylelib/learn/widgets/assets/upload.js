// Upload, Paste, Webcam: brings a picture to the kernel, in pieces that a server lets pass.

const LONGEST = 1280;           // px of a webcam's picture

function button(text, title, action) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.title = title;
  made.setAttribute("aria-label", title);
  made.addEventListener("click", action);
  return made;
}

export default { render({ model, el }) {
  const ways = model.get("ways"), words = model.get("words");
  const say = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const complain = text => model.send({ complaint: text });

  let before = Promise.resolve();
  const bring = (file, name) => before = before.then(() => pass(file, name));   // one after the other
  async function pass(file, name) {
    const chunk = model.get("chunk"), tooLarge = file.size > model.get("limit");
    for (const each of el.querySelectorAll("button")) each.disabled = true;
    try {                                       // of a file that is too large, its size is all that is sent
      for (let start = 0; start === 0 || start < file.size; start += chunk) {
        const end = tooLarge ? start : start + chunk;
        const piece = await file.slice(start, end).arrayBuffer();
        model.send({ name, size: file.size, start }, undefined, [piece]);
        if (tooLarge) break;
        if (file.size > chunk) upload.textContent = `${Math.round(100 * Math.min(1, end / file.size))} %`;
      }
    } catch (error) {
      complain(say(words.unreadable, { name, reason: error.message }));
    }
    upload.textContent = words.upload;
    for (const each of el.querySelectorAll("button")) each.disabled = false;
  }

  const input = document.createElement("input");
  input.type = "file";
  input.accept = "image/*";
  input.hidden = true;
  input.addEventListener("change", async () => {
    const file = input.files[0];
    if (!file) return;
    await bring(file, file.name);
    input.value = "";
    upload.focus();
  });
  const upload = button(words.upload, model.get("description"), () => input.click());
  el.classList.add("stylelib-upload");
  el.append(upload, input);

  // A picture on the clipboard has no name of its own
  const ending = type => `.${type.split("/")[1].replace("jpeg", "jpg")}`;
  const taken = blob => bring(blob, `pasted${ending(blob.type)}`);
  const onPaste = event => {
    const file = [...event.clipboardData?.files ?? []].find(file => file.type.startsWith("image/"));
    if (file) { event.preventDefault(); taken(file); }
  };
  async function paste() {
    try {
      for (const item of await navigator.clipboard.read()) {
        const type = item.types.find(type => type.startsWith("image/"));
        if (type) return taken(await item.getType(type));
      }
      complain(words.nothing);
    } catch (error) {
      complain(words["no clipboard"]);
    }
  }
  let panel, waiting;
  if (ways.includes("clipboard")) {
    el.append(button(words.paste, words["paste title"], paste));
    const begin = () => {
      panel = el.closest(".stylelib-panel");
      if (panel) panel.addEventListener("paste", onPaste); else waiting = requestAnimationFrame(begin);
    };
    begin();
  }

  const onDrag = event => event.preventDefault();
  const onDrop = event => {
    event.preventDefault();
    const file = event.dataTransfer.files[0];
    if (file) bring(file, file.name);
  };
  const place = () => el.closest(".gallery");
  const dropping = requestAnimationFrame(() => {
    place()?.addEventListener("dragover", onDrag);
    place()?.addEventListener("drop", onDrop);
  });

  let close = () => {};
  if (ways.includes("camera")) {
    const open = button(words.webcam, words["webcam title"], async () => {
      close();
      try {
        const stream = await navigator.mediaDevices.getUserMedia({ video: { width: LONGEST } });
        close();                                // the button may have been pressed twice
        close = camera(el, words, stream, blob => { if (blob) bring(blob, "webcam.jpg"); open.focus(); });
      } catch (error) {
        complain(navigator.mediaDevices
          ? say(words["no picture"], { reason: error.message || error.name }) : words["no webcam"]);
      }
    });
    el.append(open);
  }
  return () => {
    close();
    cancelAnimationFrame(waiting);
    cancelAnimationFrame(dropping);
    panel?.removeEventListener("paste", onPaste);
  };
} };

// What the webcam sees, with Take and Cancel; calls done(blob or undefined). Returns what ends it.
function camera(el, words, stream, done) {
  const box = document.createElement("div"), video = document.createElement("video");
  box.className = "camera";
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", words.webcam);
  Object.assign(video, { srcObject: stream, autoplay: true, muted: true, playsInline: true });
  const end = blob => {
    for (const track of stream.getTracks()) track.stop();
    if (box.isConnected) { box.remove(); done(blob); }
  };
  const take = button(words.take, words["take title"], () => {
    const shrink = Math.min(1, LONGEST / Math.max(video.videoWidth, video.videoHeight));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(video.videoWidth * shrink);
    canvas.height = Math.round(video.videoHeight * shrink);
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    canvas.toBlob(end, "image/jpeg", 0.92);
  });
  take.disabled = true;
  video.addEventListener("loadeddata", () => { take.disabled = false; take.focus(); });
  box.addEventListener("keydown", event => { if (event.key === "Escape") end(); });
  box.append(video, take, button(words.cancel, words["cancel title"], () => end()));
  el.append(box);
  if (!el.isConnected) end();           // the panel has gone while the browser asked for leave
  return () => end();
}
