// The wallboard: what the server says once a second, drawn anew. Texts go in as text, never as markup.
const words = JSON.parse(document.getElementById("words").textContent);
const word = (key) => words[key] ?? key;

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function fill(place, children) {
  if (place) place.replaceChildren(...children);
}

const rows = (id) => document.querySelector(`#${id} tbody`);

function row(cells, className) {
  const made = element("tr", null, className);
  for (const cell of cells) made.append(cell instanceof Node ? cell : element("td", cell));
  return made;
}

function none(columns) {
  const cell = element("td", word("board_none"));
  cell.colSpan = columns;
  return row([cell]);
}

function span(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const two = (value) => String(value).padStart(2, "0");
  return seconds < 3600
    ? `${Math.floor(seconds / 60)}:${two(seconds % 60)}`
    : `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

function local(text) {
  const at = new Date(text);
  return at.toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });
}

function tile(name, figure, isHot) {
  const place = document.getElementById(`tile-${name}`);
  place.querySelector(".figure").textContent = figure;
  place.classList.toggle("hot", Boolean(isHot));
}

function calls(view, now) {
  const order = { ringing: 0, waiting: 1, flow: 2, talking: 3 };
  const list = [...view.calls].sort((a, b) => order[a.state] - order[b.state] || a.since.localeCompare(b.since));
  const made = list.slice(0, 50).map((call) => {
    const rings = element("td", call.rings === null ? "" : word("board_ring").replace("{n}", call.rings));
    const isLate = call.state === "ringing" && call.rings > 4;
    const cells = [word(`board_${call.state}`), call.line, rings, span(now - new Date(call.since)), call.agent ?? ""];
    return row(cells, isLate ? "late" : "");
  });
  fill(rows("calls"), made.length ? made : [none(5)]);
  for (const state of Object.keys(order)) {
    const count = list.filter((call) => call.state === state).length;
    const isHot = list.some((call) => call.state === state && state === "ringing" && call.rings > 4);
    tile(state, count, isHot);
  }
}

function agents(view, now) {
  const order = ["talking", "hold", "ringing", "wrap_up", "available", "away", "logged_out"];
  const list = [...view.agents].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.number.localeCompare(b.number));
  fill(document.getElementById("agents"), list.map((agent) => {
    const made = element("li");
    made.dataset.state = agent.state;
    made.append(element("strong", `${agent.number} ${agent.name}`), element("br"));
    let state = word(`agent_${agent.state}`);
    if (agent.since && agent.state !== "logged_out") state += ` ${span(now - new Date(agent.since))}`;
    if (!agent.reachable && agent.state !== "logged_out") state += ` · ${word("agent_unreachable")}`;
    made.append(element("span", state));
    return made;
  }));
}

function show(view) {
  const now = new Date(view.at);
  fill(document.querySelector("#alarms ul"), view.alarms.map((alarm) => element("li", alarm)));
  fill(document.querySelector("#notices ul"), view.notices.map((notice) => {
    const until = notice.until === null ? "" : ` (${word("board_notice_until").replace("{time}", local(notice.until))})`;
    return element("li", `${word("board_notice")}${until}: ${notice.words}`);
  }));
  calls(view, now);
  agents(view, now);
  tile("messages", view.unheard_messages, view.unheard_messages > 0);
  tile("disk", view.disk_free_bytes === null ? "–" : Math.floor(view.disk_free_bytes / 1e9), view.disk_free_bytes !== null && view.disk_free_bytes < 5e9);
  const queues = view.queues.map((queue) => row([
    queue.open ? queue.name : `${queue.name} (${word("board_closed")})`, queue.waiting,
    queue.longest_wait_ms === null ? "" : span(queue.longest_wait_ms), queue.serving,
  ]));
  fill(rows("queues"), queues.length ? queues : [none(4)]);
  const figures = view.figures.map((figure) => row(
    [figure.clause, element("td", figure.words, "long"), figure.kept, figure.broken],
    figure.conclusion === "broken" ? "late" : ""));
  fill(rows("figures"), figures.length ? figures : [none(4)]);
  if (rows("due")) {
    const due = view.due.map((order) => {
      const link = element("a", order.order);
      link.href = `/orders/${encodeURIComponent(order.order)}`;
      const cell = element("td");
      cell.append(link);
      return row([cell, order.clock, local(order.due_at) + (order.late ? ` ${word("board_late")}` : "")], order.late ? "late" : "");
    });
    fill(rows("due"), due.length ? due : [none(3)]);
  }
  fill(document.getElementById("lines"), view.lines.map((line) => {
    const made = element("li", `${line.name}: ${word(`board_${line.state}`)} ${line.detail}`);
    made.dataset.state = line.state;
    return made;
  }));
}

show(JSON.parse(document.getElementById("now").textContent));

const lost = document.getElementById("lost");
const stream = new EventSource("/live/wallboard");
stream.addEventListener("message", (event) => {
  lost.hidden = true;
  document.documentElement.dataset.live = "yes";
  show(JSON.parse(event.data));
});
// The browser connects again by itself.
stream.addEventListener("error", () => { lost.hidden = false; });
// The session is over: to the page where one signs in.
stream.addEventListener("end", () => { stream.close(); location.reload(); });
