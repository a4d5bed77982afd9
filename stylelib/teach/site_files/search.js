// Finds places: sections that have all words, or, where none has, some of them. PLACES is {page: [[title, heading, id, text]]}.
const MOST = 60, AROUND = 90, CHINESE = /[\u3400-\u9fff]/;
const stemmer = new PorterStemmer();

// English words are found by their beginning, without their endings; Chinese ones anywhere
function pattern(word) {
  const stem = /^[a-z]{4,}$/.test(word) ? stemmer.stemWord(word) : word;
  const escaped = stem.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(CHINESE.test(word) ? escaped : `(?<![\\p{L}\\p{N}])${escaped}`, "giu");
}

// Nothing parts the words of a Chinese sentence. One that stands nowhere as a whole is taken apart into the longest
// pieces that stand somewhere, from left to right; Latin letters and signs end a piece
function wordsOf(query) {
  const all = Object.values(PLACES).flat().map(([, heading, , text]) => `${heading}\n${text}`).join("\n").toLowerCase();
  return query.toLowerCase().split(/\s+/).filter(word => word)
    .flatMap(word => CHINESE.test(word) && !all.includes(word) ? pieces(word, all) : [word]);
}

function pieces(sentence, all) {
  const found = [];
  for (const part of sentence.match(/[\u3400-\u9fff]+|[^\u3400-\u9fff\p{P}]+/gu)) {
    for (let first = 0, last; first < part.length; first = last) {
      for (last = CHINESE.test(part) ? part.length : 0; last > first + 1 && !all.includes(part.slice(first, last)); last--);
      last = last || part.length;
      found.push(part.slice(first, last));
    }
  }
  // what only joins words is not looked for, nor a single hanzi: of a word that stands nowhere it means little
  const words = found.map(piece => piece.replace(/^[的了]|(?<=..)[的了]$/g, "")).filter(piece => !/^[\u3400-\u9fff]?$/.test(piece));
  return words.length ? words : [sentence];
}

function look(patterns) {
  const hits = [];
  for (const [page, sections] of Object.entries(PLACES)) {
    for (const [title, heading, id, text] of sections) {
      const counts = patterns.map(one => (heading.match(one)?.length ?? 0) * 20 + Math.min(10, text.match(one)?.length ?? 0));
      const named = patterns.filter(one => title.match(one)).length;
      const words = counts.filter(count => count).length;
      if (words) hits.push({page, title, heading, id, text, words, score: 100 * words + 5 * named + counts.reduce((a, b) => a + b)});
    }
  }
  const most = Math.max(0, ...hits.map(hit => hit.words));
  return hits.filter(hit => hit.words === most).sort((a, b) => b.score - a.score);
}

function around(text, patterns) {
  const places = patterns.map(one => text.search(one)).filter(place => place >= 0);
  const first = Math.max(0, Math.min(...places, text.length) - AROUND), last = Math.min(text.length, first + 2 * AROUND);
  if (!places.length) return text.slice(0, 2 * AROUND);
  return (first ? "… " : "") + text.slice(first, last) + (last < text.length ? " …" : "");
}

function entry(hit, patterns, words) {
  const item = document.createElement("li"), link = document.createElement("a"), page = document.createElement("small");
  const snippet = document.createElement("p");
  link.href = `${hit.page}.html?highlight=${encodeURIComponent(words.join(" "))}#${hit.id}`;
  page.textContent = hit.heading === hit.title ? "" : ` · ${hit.title}`;
  link.append(hit.heading, page);
  snippet.textContent = around(hit.text, patterns);
  item.append(link, snippet);
  return item;
}

function show() {
  const query = new URLSearchParams(location.search).get("q") ?? "", words = wordsOf(query);
  const patterns = words.map(pattern), hits = words.length ? look(patterns) : [];
  const heading = document.createElement("h1"), summary = document.createElement("p"), list = document.createElement("ul");
  heading.textContent = WORDS.search;
  list.className = "search";
  list.append(...hits.slice(0, MOST).map(hit => entry(hit, patterns, words)));
  const told = !words.length ? "empty" : !hits.length ? "nothing" : hits.length === 1 ? "one" : hits.length > MOST ? "first" : "many";
  summary.textContent = WORDS[told].replace("{count}", hits.length).replace("{shown}", MOST);
  summary.setAttribute("role", "status");
  document.querySelector("#search-results").append(heading, summary, list);
  document.querySelectorAll("input[name=q]").forEach(field => field.value = query);
}

show();
