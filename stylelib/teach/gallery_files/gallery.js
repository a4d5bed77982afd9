"use strict";
const figures = [...document.querySelectorAll("figure")];
const dialog = document.querySelector("dialog");
const said = document.querySelector(".said");
const SECONDS = 8;          // of each picture in a slide show
let here = 0, timer = 0;

function hang(number) {
    here = (number + figures.length) % figures.length;
    const small = figures[here].querySelector("img"), large = dialog.querySelector("img");
    const label = figures[here].querySelector("figcaption").cloneNode(true);
    label.querySelector("details")?.remove();
    large.src = small.src;
    large.alt = small.alt;
    dialog.querySelector(".label").replaceChildren(...label.childNodes);
}

function stop() {
    clearInterval(timer);
    timer = 0;
}

function turn(by) {
    stop();
    hang(here + by);
}

function open(number) {
    hang(number);
    dialog.showModal();
}

figures.forEach((figure, number) => {
    figure.querySelector(".frame").addEventListener("click", event => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;       // a new tab was asked for
        event.preventDefault();
        open(number);
    });
    const copy = figure.querySelector(".copy");
    if (!copy) return;
    copy.hidden = false;
    copy.addEventListener("click", async () => {
        const code = figure.querySelector("code");
        try {
            await navigator.clipboard.writeText(code.textContent);
            said.textContent = said.dataset.copied;
        } catch {                           // some browsers forbid it to a page from a folder
            getSelection().selectAllChildren(code);
            said.textContent = said.dataset.selected;
        }
        setTimeout(() => { said.textContent = ""; }, 2500);
    });
});

dialog.querySelector(".back").addEventListener("click", () => turn(-1));
dialog.querySelector(".on").addEventListener("click", () => turn(1));
dialog.querySelector(".close").addEventListener("click", () => dialog.close());
dialog.querySelector("img").addEventListener("click", () => dialog.close());
dialog.addEventListener("keydown", event => {
    const by = {ArrowLeft: -1, ArrowRight: 1, PageUp: -1, PageDown: 1}[event.key];
    if (by) {
        event.preventDefault();
        turn(by);
    }
});
dialog.addEventListener("close", () => {
    stop();
    figures[here].querySelector(".frame").focus();          // where one has come to, not where one began
});

const show = document.querySelector(".show");
show.hidden = figures.length < 2;
show.addEventListener("click", () => {
    open(0);
    timer = setInterval(() => hang(here + 1), SECONDS * 1000);
});

// Pictures far down are not loaded yet: paper wants them all
addEventListener("beforeprint", () => document.querySelectorAll("img[loading]").forEach(image => {
    image.loading = "eager";
}));
