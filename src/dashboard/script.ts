// What pages do beyond HTML, as a module of its own. Each page works without it.

export const SCRIPT = `
// Copying: the button is there only where it works.
for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
    button.classList.add("copied");
    setTimeout(() => button.classList.remove("copied"), 1500);
  });
}

// A choice is shown at once.
for (const select of document.querySelectorAll("form.inline select"))
  select.addEventListener("change", () => select.form.requestSubmit());

// Live: a socket for each book tells what comes, until somebody stops it, or nobody has moved for half an hour.
const live = document.getElementById("live");
if (live) {
  const IDLE_MS = 30 * 60_000, MOST = 200;
  const [state, stop] = ["live-state", "live-stop"].map((id) => document.getElementById(id));
  const { on, behind, lost, idle, stopped, go, stop: stopText, zone } = live.dataset;
  const seen = JSON.parse(live.dataset.books);
  const clock = new Intl.DateTimeFormat(document.documentElement.lang, { timeZone: zone, hourCycle: "h23", timeStyle: "medium" });
  let sockets = new Map(), moved = Date.now(), isOn = false, pause = 1000, timer;

  const show = ({ at, what, code, msgid, device, country }) => {
    const line = document.querySelector("template[data-what=" + what + "]").content.firstElementChild.cloneNode(true);
    const [time, , link, more] = line.children;
    time.dateTime = new Date(at).toISOString();
    time.textContent = clock.format(at);
    link.href = "/dashboard/" + (code ? "links/" + code : "messages/" + msgid);
    link.firstElementChild.textContent = code ?? msgid;
    more.textContent = [device, country].filter(Boolean).join(", ");
    live.prepend(line);
    if (live.children.length > MOST) live.lastElementChild.remove();
    document.getElementById("live-none")?.remove();
  };
  const open = (book) => {
    const socket = new WebSocket(location.origin.replace("http", "ws") + "/dashboard/live/socket?book=" + book + "&after=" + seen[book]);
    sockets.set(book, socket);
    socket.onopen = () => { pause = 1000; state.textContent = on; };
    socket.onmessage = ({ data }) => {
      const { now, news } = JSON.parse(data);
      for (const one of news) {
        if (one.position <= seen[book]) continue;
        seen[book] = one.position;
        show(one);
      }
      const late = Math.max(0, ...news.slice(-1).map(({ at }) => now - at));
      state.textContent = behind.replace("{s}", (late / 1000).toFixed(1));
    };
    socket.onclose = () => {
      if (sockets.get(book) !== socket) return;
      sockets.delete(book);
      if (Date.now() - moved > IDLE_MS) return end(idle);
      state.textContent = lost;
      setTimeout(() => isOn && open(book), pause);
      pause = Math.min(60_000, pause * 2);
    };
  };
  const end = (why) => {
    isOn = false;
    clearInterval(timer);
    const open = [...sockets.values()];
    sockets = new Map();
    for (const socket of open) socket.close();
    state.textContent = why;
    stop.textContent = go;
  };
  const begin = () => {
    isOn = true;
    moved = Date.now();
    stop.textContent = stopText;
    Object.keys(seen).forEach(open);
    timer = setInterval(() => Date.now() - moved > IDLE_MS && end(idle), 60_000);
  };
  for (const event of ["pointermove", "keydown", "scroll", "visibilitychange"])
    addEventListener(event, () => { moved = Date.now(); }, { passive: true });
  stop.hidden = false;
  stop.addEventListener("click", () => (isOn ? end(stopped) : begin()));
  begin();
}

// What was wrong is where one goes on.
document.querySelector("[aria-invalid=true]")?.focus();
`;
