// The live half of the home page. Everything shown is set as text, never as markup.
const texts = JSON.parse(document.getElementById("texts").textContent);
const lang = texts.lang;
const SHOWN_MAX = 400; // items kept in the page; the services keep them all
const HEALTH_EVERY_MS = 5000;
const byId = (id) => document.getElementById(id);

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

const yuan = new Intl.NumberFormat(lang === "zh" ? "zh-CN" : "en", { style: "currency", currency: "CNY", currencyDisplay: "narrowSymbol" });
const clock = new Intl.DateTimeFormat(lang === "zh" ? "zh-CN" : "en", { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });

// --- the case at a glance
function drawBoard(board) {
  byId("case-number").textContent = board.case_number ?? "";
  byId("case-matter").textContent = [board.matter?.[lang], board.party].filter(Boolean).join(" · ");
  byId("fig-owed").textContent = board.owed_fen ? yuan.format(board.owed_fen / 100) : "–";
  byId("fig-surcharge").textContent = board.surcharge_fen ? yuan.format(board.surcharge_fen / 100) : "–";
  byId("fig-paid").textContent = board.paid_fen ? yuan.format(board.paid_fen / 100) : "–";
  byId("fig-receipts").textContent = board.receipts || "–";
  byId("fig-refused").textContent = board.refused || "–";
  for (const step of byId("path").children) {
    const place = Number(step.dataset.stage);
    step.classList.toggle("done", place <= board.stage);
    step.classList.toggle("now", place === board.stage);
    if (place === board.stage) step.setAttribute("aria-current", "step");
    else step.removeAttribute("aria-current");
  }
  for (const card of document.querySelectorAll(".card")) {
    const count = String(board.events[card.dataset.service] ?? 0);
    const shown = card.querySelector(".count");
    if (shown.textContent === count) continue;
    shown.textContent = count;
    card.classList.remove("beat");
    requestAnimationFrame(() => card.classList.add("beat"));
  }
}

// --- events
function drawEvent(item) {
  const row = element("li", `${item.service} fresh`);
  const head = element("p", "when");
  head.append(element("span", "", `${clock.format(new Date(item.time))} `), element("span", `chip ${item.service}`, texts.services[item.service]));
  row.append(head, element("p", "", item[lang]));
  if (item.law) row.append(element("p", "law", item.law[lang]));
  const more = element("details");
  more.append(element("summary", "", item.type), element("pre", "", item.data ? JSON.stringify(item.data, null, 2) : texts.confidential));
  row.append(more);
  const list = byId("timeline");
  list.prepend(row);
  while (list.children.length > SHOWN_MAX) list.lastElementChild.remove();
}

function drawRefusal(item) {
  byId("no-refusals")?.remove();
  const row = element("li");
  row.append(element("strong", "", item[lang]), element("code", "", `${item.status} ${item.code}`));
  for (const law of item.law ?? []) row.append(element("p", "law", law[lang]));
  byId("refusals").prepend(row);
}

function drawStory(item) {
  byId("story-state").textContent = item[lang];
  byId("pulse").classList.toggle("on", item.running);
}

const drawers = { event: drawEvent, refused: drawRefusal, story: drawStory, board: (item) => drawBoard(item.board) };

function follow() {
  const stream = new EventSource("/live");
  let boot = null; // the suite was started anew: what is on this page belongs to the one before
  stream.addEventListener("hello", (message) => {
    const now = JSON.parse(message.data).boot;
    if (boot !== null && boot !== now) location.reload();
    boot = now;
  });
  let newest = 0; // after a reconnect the server sends only what is new; a repeated item is still not drawn twice
  for (const [kind, draw] of Object.entries(drawers)) {
    stream.addEventListener(kind, (message) => {
      const item = JSON.parse(message.data);
      if (item.n <= newest) return;
      newest = item.n;
      draw(item);
    });
  }
  stream.addEventListener("error", () => {
    byId("story-state").textContent = texts.reconnecting;
    byId("pulse").classList.remove("on");
  });
}
if (byId("timeline")) follow();

// --- health of the four services
async function checkHealth() {
  for (const card of document.querySelectorAll(".card")) {
    let up = false;
    try {
      up = (await fetch(`/${card.dataset.service}/health/ready`, { cache: "no-store" })).ok;
    } catch { /* the process is gone: shown as down */ }
    card.querySelector(".dot").className = `dot ${up ? "up" : "down"}`;
    const shown = card.querySelector(".health-text");
    const words = up ? texts.up : texts.down;
    if (shown.textContent !== words) shown.textContent = words;
  }
}
checkHealth();
setInterval(checkHealth, HEALTH_EVERY_MS);

// --- tokens
for (const button of document.querySelectorAll("button.token")) {
  button.addEventListener("click", async () => {
    const answer = await fetch("/tokens", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ subject: button.dataset.subject }) });
    if (!answer.ok) return;
    const token = await answer.json();
    byId("token-box").hidden = false;
    byId("token-label").textContent = `${token.name[lang]} · ${token.services.map((name) => texts.services[name]).join(lang === "zh" ? "、" : ", ")}`;
    byId("token-text").value = token.access_token;
    byId("token-state").textContent = "";
    byId("token-box").scrollIntoView({ block: "nearest" });
    byId("token-copy").focus();
  });
}
byId("token-copy")?.addEventListener("click", async () => {
  const area = byId("token-text");
  try {
    await navigator.clipboard.writeText(area.value);
    byId("token-state").textContent = texts.copied;
  } catch {
    area.select(); // the browser keeps the clipboard to itself here: the text is selected for the keyboard
    byId("token-state").textContent = texts.selected;
  }
});
