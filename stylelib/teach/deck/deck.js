// Starts reveal.js once the formulas are set. Each page was filled by estimate; here its pictures and its code become as large
// as they fit, and a page that is too full after all is made smaller. All pages at once: a printer sees no other moment.
const width = Number(document.currentScript.dataset.width), height = Number(document.currentScript.dataset.height);
const allDecks = document.currentScript.dataset.home, labels = JSON.parse(document.currentScript.dataset.labels);
const pages = [...document.querySelectorAll(".slides > section > section")];
const CODE = {largest: 24, smallest: 16}, ENLARGE = 2.2, TEXT_ZOOM = 1.25;

for (const page of pages) {         // its content in one box, which can be measured and made smaller
  const box = document.createElement("div"), notes = [...page.querySelectorAll("aside.notes")];
  box.className = "box";
  box.append(...page.childNodes);
  page.append(box, ...notes);
  if (box.querySelector(".celltag_question")) box.classList.add("asks");
}

// Paragraphs that follow upon one another appear together
for (const page of pages) {
  let step = -1;
  for (const piece of page.querySelectorAll(".fragment")) {
    step += piece.querySelector(".celltag_follows") ? 0 : 1;
    piece.dataset.fragmentIndex = step;
  }
}

// An answer on a page of its own: with the picture that it speaks of, smaller
function repeatPicture(page, before) {
  const picture = [...before?.querySelectorAll("img") ?? []].pop();
  if (!picture || !page.querySelector(".celltag_answer")) return;
  const again = picture.cloneNode(), wide = picture.naturalWidth > 1.9 * picture.naturalHeight;
  again.removeAttribute("height");
  again.className = "again";
  page.firstElementChild.classList.add(wide ? "below" : "beside");
  page.firstElementChild.append(again);
  if (!wide && overflows(page)) page.firstElementChild.classList.replace("beside", "below");      // much text
}

const overflows = page => page.scrollHeight > height || page.scrollWidth > width;

const largest = image => Math.min(ENLARGE * image.naturalHeight, 1212 * image.naturalHeight / image.naturalWidth, 640);

// Chinese letters are as wide as high
const inLatin = line => line.length + 0.66 * (line.match(/[\u3000-\u9fff\uff00-\uffef]/g)?.length ?? 0);

// Letters of a fixed width take 0.6 of their height. A few long lines may wrap; then it shrinks until all of it fits
function sizeCode(page) {
  const all = [...page.querySelectorAll(".box > :not(img) img")];
  all.forEach(image => image.style.height = (all.length > 1 ? image.getAttribute("height") : largest(image)) + "px");
  const texts = [...page.querySelectorAll("pre")];
  const lengths = texts.flatMap(text => text.textContent.split("\n").map(inLatin)).filter(n => n).sort((a, b) => a - b);
  const smallest = CODE.smallest + (all.length ? 2 : 0);
  const long = lengths[Math.floor(0.9 * (lengths.length - 1))] ?? 1;
  let size = Math.max(smallest, Math.min(CODE.largest, Math.floor(1180 / (0.603 * long))));
  do texts.forEach(text => text.style.fontSize = size + "px"); while (overflows(page) && --size >= smallest);
}

// Pictures share what the rest of the page leaves
function sizePictures(page) {
  const all = [...page.querySelectorAll(".box img")], beside = page.querySelector(".beside");
  if (!all.length || beside) return;
  const asked = all.map(image => Number(image.getAttribute("height")) || image.naturalHeight);
  const sum = asked.reduce((a, b) => a + b);
  all.forEach(image => { image.removeAttribute("height"); image.style.height = "0"; });
  const room = height - page.firstElementChild.scrollHeight - 4;
  all.forEach((image, i) => {
    image.style.height = Math.max(120, Math.min(largest(image), room * asked[i] / sum)) + "px";
    if (image.className === "again" && room < 150) image.remove();
  });
}

function fit(page) {
  const box = page.firstElementChild, fills = page.querySelector("img, pre");
  for (let zoom = fills ? 1 : TEXT_ZOOM; zoom >= 0.4; zoom -= 0.05) {
    box.style.zoom = zoom.toFixed(2);
    if (!overflows(page)) break;
  }
}

// A page that is all picture: in the middle
function centre(page) {
  const box = page.firstElementChild;
  if (!box.firstElementChild?.querySelector("img") || box.matches(".beside, .below")) return;
  const left = height - box.offsetHeight;
  if (left > 60) box.style.paddingTop = 24 + left / 2 + "px";
}

function layOut() {
  document.documentElement.classList.add("measuring");
  pages.forEach((page, i) => {
    repeatPicture(page, pages[i - 1]);
    sizeCode(page);
    sizePictures(page);
    fit(page);
    centre(page);
  });
  document.documentElement.classList.remove("measuring");
}

// Where we are: the title of the deck and of the chapter, in the lower left corner
const place = document.createElement("div");
place.className = "place";
document.querySelector(".reveal").append(place);

function showCurrent() {
  const chapter = Reveal.getCurrentSlide().parentElement.querySelector("h1, h2")?.childNodes[0].textContent;
  const home = Object.assign(document.createElement("a"), {href: "index.html", textContent: allDecks});
  const names = new Set([document.querySelector("h1").childNodes[0].textContent, chapter]);
  place.replaceChildren(home, " · " + [...names].filter(name => name).join(" · "));
}

// What reveal.js says in English: arrows for screen readers, and the button of a pause
function translate() {
  for (const thing of document.querySelectorAll(".reveal [aria-label]")) {
    thing.setAttribute("aria-label", labels[thing.getAttribute("aria-label")] ?? thing.getAttribute("aria-label"));
  }
  const resume = document.querySelector(".reveal .resume-button");
  if (resume) resume.textContent = labels[resume.textContent] ?? resume.textContent;
}

window.ready = Promise.all([MathJax.startup.promise, ...[...document.images].map(image => image.decode().catch(() => null))])
  .then(layOut)
  .then(() => Reveal.initialize({width, height, margin: 0.02, center: false, hash: true, slideNumber: "c/t", transition: "none",
                                 backgroundTransition: "none", pdfSeparateFragments: false, plugins: [RevealNotes]}))
  .then(() => { Reveal.on("slidechanged", showCurrent); showCurrent(); translate(); });
