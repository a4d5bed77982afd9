// For the keyboard and for screen readers: what the theme leaves out
function reach() {
  for (const box of document.querySelectorAll("pre, .table-wrapper")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

addEventListener("load", () => {
  for (const [english, own] of Object.entries(WORDS.labels)) {
    document.querySelectorAll(`[aria-label="${english}"]`).forEach(thing => thing.setAttribute("aria-label", own));
  }
  for (const title of document.querySelectorAll("svg title")) title.textContent = WORDS.labels[title.textContent] ?? title.textContent;
  document.querySelectorAll("[role=heading]:not([aria-level])").forEach(caption => caption.setAttribute("aria-level", "2"));
  document.querySelectorAll("details").forEach(fold => fold.addEventListener("toggle", reach));
  reach();
});
addEventListener("resize", reach);
