// Starts reveal.js once the formulas are set. Each page was filled by estimate; one that is too full after all is made smaller here.
const width = Number(document.currentScript.dataset.width), height = Number(document.currentScript.dataset.height);
const pages = [...document.querySelectorAll(".slides > section > section")];

for (const page of pages) {         // its content in one box, which can be measured and made smaller
  const box = document.createElement("div");
  box.className = "box";
  box.append(...page.childNodes);
  page.append(box);
}

// Letters of a fixed width take 0.6 of their height: the longest line decides, within what can be read
for (const text of document.querySelectorAll(".slides pre")) {
  const longest = Math.max(...text.textContent.split("\n").map(line => line.length));
  text.style.fontSize = Math.min(20, Math.max(14, 1180 / (0.603 * longest))) + "px";
}

function fit(page) {
  const box = page.firstElementChild;
  for (let zoom = 1; zoom >= 0.4; zoom -= 0.04) {
    box.style.zoom = zoom;
    if (page.scrollHeight <= height && page.scrollWidth <= width) break;
  }
}

// Where we are: the title of the deck and of the chapter, in the lower left corner
const place = document.createElement("div");
place.className = "place";
document.querySelector(".reveal").append(place);

function showCurrent() {
  const page = Reveal.getCurrentSlide();
  const chapter = page.parentElement.querySelector("h1, h2")?.childNodes[0].textContent;
  place.textContent = [...new Set([document.querySelector("h1").childNodes[0].textContent, chapter])].join(" · ");
  if (page && !page.dataset.fitted) {
    fit(page);
    page.dataset.fitted = true;
  }
}

window.ready = Promise.all([MathJax.startup.promise, ...[...document.images].map(image => image.decode().catch(() => null))])
  .then(() => Reveal.initialize({width, height, margin: 0.02, center: false, hash: true, slideNumber: "c/t", transition: "none",
                                 backgroundTransition: "none", plugins: [RevealNotes]}))
  .then(() => { Reveal.on("slidechanged", showCurrent); showCurrent(); });
