// The picture, the photo under a movable border, the painting beside it, a lens on both, and a mask to paint.
// Everything but the mask stays on the page: moving the border or the lens asks the kernel nothing.

const LENS = 190, ZOOM = 3;             // px across, and how much larger than on the page
const VEIL = "rgb(20 20 20 / 55%)", UNDO = 40;
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function make(kind, className, attributes = {}) {
  const made = document.createElement(kind);
  if (className) made.className = className;
  for (const [name, value] of Object.entries(attributes)) {
    if (name in made) made[name] = value; else made.setAttribute(name, value);
  }
  return made;
}

const press = (button, on) => button.setAttribute("aria-pressed", String(on));
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

export default { render({ model, el }) {
  el.classList.add("stylelib-stage");
  const words = model.get("words");
  const say = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const tools = make("div", "tools", { role: "toolbar" });
  tools.setAttribute("aria-label", words.toolbar);
  const pair = make("div", "pair");
  const main = figure("main"), side = figure("painting");
  const before = make("img", "before", { draggable: false });
  const veil = make("canvas", "veil"), line = make("div", "line");
  main.frame.append(before, veil, line, main.lens);
  side.frame.append(side.lens);
  pair.append(main.box, side.box);
  const wipe = make("input", "wipe", { type: "range", min: 0, max: 100, value: 0 });
  wipe.setAttribute("aria-label", words.wipe);
  main.box.insertBefore(wipe, main.caption);
  const said = make("div", "said", { role: "status" });
  el.append(tools, pair, said);

  function figure(name) {
    const box = make("figure", name), frame = make("div", "frame"), image = make("img", "shown");
    const caption = make("figcaption"), lens = make("canvas", "lens", { width: LENS, height: LENS });
    image.draggable = false;
    frame.append(image);
    box.append(frame, caption);
    image.addEventListener("load", () => {
      const { naturalWidth: width, naturalHeight: height } = image;
      frame.style.aspectRatio = `${width} / ${height}`;
      box.style.setProperty("--ratio", width / height);
      if (name === "main" && (veil.width !== width || veil.height !== height)) {
        Object.assign(veil, { width, height });
        drawVeil();
      }
      if (lensOn) drawLenses();
    });
    return { box, frame, image, caption, lens };
  }

  // ---------------------------------------------------------------------------------- pictures and words
  const addresses = new Map();
  function put(image, bytes) {
    const old = addresses.get(image);
    image.hidden = !bytes?.byteLength;
    if (!image.hidden) {
      addresses.set(image, URL.createObjectURL(new Blob([bytes])));
      image.src = addresses.get(image);
    }
    if (old) setTimeout(() => URL.revokeObjectURL(old), 1000);
  }
  const shows = { value: () => put(main.image, model.get("value")),
                  before: () => { put(before, model.get("before")); wipe.hidden = before.hidden; arrange(); },
                  painting: () => { put(side.image, model.get("painting")); arrange(); },
                  alt: () => { main.image.alt = model.get("alt"); },
                  names: () => {
                    const [photo, picture, painting] = model.get("names");
                    before.alt = ""; side.image.alt = painting;
                    main.caption.textContent = picture; side.caption.textContent = painting;
                    wipe.setAttribute("aria-valuetext", `${wipe.value} % ${photo}`);
                  },
                  mask: () => loadMask(model.get("mask")),
                  masks: () => { maskButton.hidden = !model.get("masks"); } };

  // ------------------------------------------------------------------------------------- before and after
  function setWipe(percent) {
    wipe.value = clamp(Math.round(percent), 0, 100);
    el.style.setProperty("--wipe", `${wipe.value}%`);
    line.hidden = wipe.value === "0" || wipe.value === "100";
    wipe.setAttribute("aria-valuetext", `${wipe.value} % ${model.get("names")[0] || words.before}`);
  }
  wipe.addEventListener("input", () => setWipe(wipe.value));

  // ------------------------------------------------------------------------------------------ the buttons
  const add = (text, title, action) => {
    const made = make("button", "", { type: "button", textContent: text, title });
    made.addEventListener("click", action);
    tools.append(made);
    return made;
  };
  const beside = add(words.painting, words["painting title"], () => {
    el.classList.toggle("beside");
    chosen = true;
    arrange();
  });
  const lensButton = add(words.lens, words["lens title"], () => {
    lensOn = !lensOn;
    if (lensOn) { stopMask(); el.classList.add("beside"); }
    arrange();
    if (lensOn) { drawLenses(); main.frame.focus(); }
  });
  const maskButton = add(words.mask, words["mask title"], () => {
    if (masking) stopMask(); else { lensOn = false; masking = "brush"; setWipe(0); }
    arrange();
    if (masking) main.frame.focus();
  });
  let lensOn = false, chosen = false;
  function arrange() {
    if (side.image.hidden) lensOn = false;
    const wide = el.clientWidth >= 900;
    if (!chosen && !lensOn) el.classList.toggle("beside", wide);
    press(beside, el.classList.contains("beside"));
    press(lensButton, lensOn);
    press(maskButton, Boolean(masking));
    beside.hidden = lensButton.hidden = side.box.hidden = side.image.hidden;
    el.classList.toggle("looking", lensOn);
    el.classList.toggle("masking", Boolean(masking));
    for (const { frame } of [main, side]) {
      if (lensOn || (masking && frame === main.frame)) frame.tabIndex = 0; else frame.removeAttribute("tabindex");
    }
    main.frame.setAttribute("role", masking || lensOn ? "application" : "group");
    main.frame.setAttribute("aria-label", masking ? words["mask frame"] : lensOn ? words["lens frame"]
      : words.frame);
    maskTools.hidden = !masking;
    tip.textContent = masking ? words["mask tip"]
      : lensOn ? words["lens tip"] : before.hidden ? "" : words.tip;
    press(brush, masking === "brush");
    press(eraser, masking === "eraser");
    drawVeil();
  }

  // --------------------------------------------------------------------------------------------- the lens
  let at = [0.5, 0.5];                  // where it is, as shares of width and height: the same on both
  function drawLenses() {
    const { image } = main, shown = image.clientWidth / image.naturalWidth;
    const pixels = LENS / (shown * ZOOM);           // of the picture, from edge to edge
    const large = Math.max(side.image.naturalWidth, side.image.naturalHeight) / model.get("stroke_size");
    drawLens(main, image, pixels);
    drawLens(side, side.image, pixels * large);
  }
  function drawLens({ lens, frame }, image, pixels) {
    const context = lens.getContext("2d"), { naturalWidth: width, naturalHeight: height } = image;
    context.fillStyle = "#888";
    context.fillRect(0, 0, LENS, LENS);
    context.imageSmoothingQuality = "high";
    context.drawImage(image, at[0] * width - pixels / 2, at[1] * height - pixels / 2, pixels, pixels,
                      0, 0, LENS, LENS);
    lens.style.left = `${clamp(100 * at[0], 0, 100)}%`;
    lens.style.top = `${clamp(100 * at[1], 0, 100)}%`;
  }

  // --------------------------------------------------------------------------------------------- the mask
  // White where the style is; `null` before anybody painted: then it is everywhere. Its size is its own: that of
  // the picture when it was painted
  let masking = "", mask = null, undone = [], rectangle = null;
  let own = [], latest = 0;             // what the kernel has been sent and has not shown yet; counts masks
  const maskTools = make("span", "mask-tools");
  tools.append(maskTools);
  const brush = add(words.brush, words["brush title"], () => { masking = "brush"; arrange(); });
  const eraser = add(words.eraser, words["eraser title"], () => { masking = "eraser"; arrange(); });
  const sizes = make("label", "sizes", { textContent: `${words.size} ` });
  const size = make("input", "", { type: "range", min: 2, max: 40, value: 12 });
  size.setAttribute("aria-label", words["size title"]);
  const tell = () => size.setAttribute("aria-valuetext", say(words["size text"], { percent: size.value }));
  size.addEventListener("input", tell);
  tell();
  sizes.append(size);
  const undo = add(words.undo, words["undo title"], () => {
    if (undone.length) { mask = undone.pop(); send(); drawVeil(); }
  });
  const clear = add(words.clear, words["clear title"], () => {
    if (mask) { keep(); mask = null; send(); drawVeil(); }
  });
  maskTools.append(brush, eraser, sizes, undo, clear);
  const tip = make("span", "tip");
  tools.append(tip);

  function blank(white, width = veil.width, height = veil.height) {
    const made = make("canvas", "", { width, height }), context = made.getContext("2d");
    context.fillStyle = "white";
    if (white) context.fillRect(0, 0, width, height);
    return made;
  }
  function copy(of, width = of.width, height = of.height) {
    const made = blank(false, width, height);
    made.getContext("2d").drawImage(of, 0, 0, width, height);
    return made;
  }
  function keep() {
    undone.push(mask && copy(mask));
    if (undone.length > UNDO) undone.shift();
  }
  function pen() {                      // what draws into the mask, which exists from now on
    keep();
    mask ??= blank(masking === "eraser");
    if (mask.width < veil.width) mask = copy(mask, veil.width, veil.height);
    const context = mask.getContext("2d");
    context.globalCompositeOperation = masking === "eraser" ? "destination-out" : "source-over";
    context.strokeStyle = context.fillStyle = "white";
    context.lineCap = context.lineJoin = "round";
    context.lineWidth = size.value / 100 * Math.max(mask.width, mask.height);
    return context;
  }
  function drawVeil() {
    const context = veil.getContext("2d"), { width, height } = veil;
    context.clearRect(0, 0, width, height);
    if (!masking) return;
    if (mask) {
      context.fillStyle = VEIL;
      context.fillRect(0, 0, width, height);
      context.globalCompositeOperation = "destination-out";
      context.drawImage(mask, 0, 0, width, height);
      context.globalCompositeOperation = "source-over";
    }
    if (rectangle) {
      const [x, y, wide, high] = rectangle;
      for (const [color, shift] of [["black", 0], ["white", 5]]) {
        context.strokeStyle = color;
        context.setLineDash([5, 5]);
        context.lineDashOffset = shift;
        context.strokeRect(x * width, y * height, wide * width, high * height);
      }
    }
  }
  async function send() {
    const turn = ++latest;
    undo.disabled = !undone.length;
    clear.disabled = !mask;
    let bytes = new ArrayBuffer(0);
    if (mask) {
      const whole = blank(false, mask.width, mask.height), context = whole.getContext("2d");
      context.fillStyle = "black";
      context.fillRect(0, 0, whole.width, whole.height);
      context.drawImage(mask, 0, 0);
      bytes = await (await new Promise(done => whole.toBlob(done, "image/png"))).arrayBuffer();
    }
    if (turn !== latest) return;                            // there is a later one
    own.push(new Uint8Array(bytes));
    model.send({ is: "mask" }, undefined, [bytes]);
  }
  const equal = (one, other) => one.length === other.length && one.every((byte, i) => byte === other[i]);
  async function loadMask(view) {
    const bytes = view ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength) : new Uint8Array();
    const known = own.findIndex(each => equal(each, bytes));
    own = known < 0 ? [] : own.slice(known + 1);
    if (known >= 0) return;                                 // it is what this page has painted, maybe a while ago
    const turn = ++latest;
    undone = [];
    mask = null;
    if (bytes.length) {
      const image = await createImageBitmap(new Blob([bytes]));
      if (turn !== latest) return;
      const grey = blank(false, image.width, image.height), context = grey.getContext("2d");
      context.drawImage(image, 0, 0);
      const data = context.getImageData(0, 0, grey.width, grey.height);
      for (let i = 0; i < data.data.length; i += 4) {
        data.data[i + 3] = data.data[i];
        data.data[i] = data.data[i + 1] = data.data[i + 2] = 255;
      }
      context.putImageData(data, 0, 0);
      mask = grey;
    }
    undo.disabled = true;
    clear.disabled = !mask;
    drawVeil();
  }
  function stopMask() {
    masking = "";
    rectangle = null;
    said.textContent = "";
  }
  function fill(tool) {
    const [x, y, wide, high] = rectangle, old = masking;
    masking = tool;
    const context = pen();
    context.fillRect(x * mask.width, y * mask.height, wide * mask.width, high * mask.height);
    masking = old;
    drawVeil();
    send();
  }

  // -------------------------------------------------------------------------------------- mouse and touch
  const point = (event, { frame }) => {
    const box = frame.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  };
  let stroke = null, sliding = false;
  main.frame.addEventListener("pointerdown", event => {
    if (event.button) return;
    const [x, y] = point(event, main);
    if (masking) {
      rectangle = null;
      stroke = pen();
      stroke.beginPath();
      stroke.moveTo(x * mask.width, y * mask.height);
      stroke.lineTo(x * mask.width, y * mask.height + 0.01);
      stroke.stroke();
      drawVeil();
    } else if (!lensOn && !before.hidden) {
      sliding = true;
      setWipe(100 * x);
    } else return;
    main.frame.setPointerCapture(event.pointerId);
  });
  main.frame.addEventListener("pointermove", event => {
    const [x, y] = point(event, main);
    if (stroke) {
      stroke.lineTo(x * mask.width, y * mask.height);
      stroke.stroke();
      drawVeil();
    } else if (sliding) setWipe(100 * x);
  });
  const end = () => {
    if (stroke) send();
    stroke = null;
    sliding = false;
  };
  main.frame.addEventListener("pointerup", end);
  main.frame.addEventListener("pointercancel", end);
  for (const each of [main, side]) {
    each.frame.addEventListener("pointermove", event => {
      if (lensOn) { at = point(event, each).map(share => clamp(share, 0, 1)); drawLenses(); }
    });
  }

  // -------------------------------------------------------------------------------------------- the keys
  const step = (from, [x, y], by) => [clamp(from[0] + by * x, 0, 1), clamp(from[1] + by * y, 0, 1)];
  function moveRectangle(move, grow) {
    let [x, y, wide, high] = rectangle ?? [0.35, 0.35, 0.3, 0.3];
    if (rectangle && grow) [wide, high] = step([wide, high], move, 0.05).map(side => Math.max(side, 0.05));
    else if (rectangle) [x, y] = step([x, y], move, 0.05);
    wide = Math.min(wide, 1);
    high = Math.min(high, 1);
    rectangle = [clamp(x, 0, 1 - wide), clamp(y, 0, 1 - high), wide, high];
    const percent = rectangle.map(share => Math.round(100 * share));
    const [left, top, wideShare, highShare] = percent;
    said.textContent = say(words.rectangle, { left, top, wide: wideShare, high: highShare });
    drawVeil();
  }
  const onKey = event => {
    const move = MOVES[event.key];
    if (masking && move) moveRectangle(move, event.shiftKey);
    else if (masking && rectangle && event.key === "Enter") fill("brush");
    else if (masking && rectangle && ["Delete", "Backspace"].includes(event.key)) fill("eraser");
    else if (masking && event.key === "z" && (event.ctrlKey || event.metaKey)) undo.click();
    else if (masking && event.key === "Escape") { stopMask(); arrange(); maskButton.focus(); }
    else if (lensOn && move) { at = step(at, move, 0.02); drawLenses(); }
    else if (lensOn && event.key === "Escape") lensButton.click();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  main.frame.addEventListener("keydown", onKey);
  side.frame.addEventListener("keydown", onKey);

  for (const [name, show] of Object.entries(shows)) {
    model.on(`change:${name}`, show);
    show();
  }
  model.on("change:stroke_size", () => { if (lensOn) drawLenses(); });
  undo.disabled = clear.disabled = !mask;
  setWipe(0);
  const watched = new ResizeObserver(() => { arrange(); if (lensOn) drawLenses(); });
  watched.observe(el);
  arrange();
  return () => {
    watched.disconnect();
    for (const address of addresses.values()) URL.revokeObjectURL(address);
  };
} };
