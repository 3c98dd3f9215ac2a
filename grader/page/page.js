// For every notebook: our header and footer, what waits for a guess, no "Reconnected".
addEventListener("DOMContentLoaded", async () => {
  const file = new URLSearchParams(location.search).get("file") || "";
  const header = document.createElement("header");
  const footer = document.createElement("footer");
  [header.id, footer.id] = ["dojo-bar", "dojo-foot"];
  document.body.prepend(header);

  const refresh = async () => {
    const answer = await fetch("dojo/bars?file=" + encodeURIComponent(file));
    if (!answer.ok) return;
    const bars = await answer.json();
    [header.innerHTML, footer.innerHTML] = [bars.header, bars.footer];
  };

  // From an open question to the next heading, cells wait.
  const gate = () => {
    const column = document.querySelector('#App [data-testid="cell-column"]');
    if (!column) return;
    if (footer.innerHTML && !footer.isConnected) document.getElementById("App").append(footer);
    let waits = false;
    for (const cell of column.children) {
      if (cell.querySelector('[data-cell-role="output"] .markdown :is(h1, h2)')) waits = false;
      cell.toggleAttribute("data-dojo-waits", waits);
      if (cell.querySelector(".dojo-gate")) waits = true;
    }
  };

  // marimo greets every reload with a banner; a real one ("kernel died") stays.
  const greet = () => {
    for (const button of document.querySelectorAll('[data-testid="remove-banner-button"]')) {
      if (button.closest("div:has(> div)")?.textContent.trim().startsWith("Reconnected")) button.click();
    }
  };

  // A verdict has changed the progress.
  let verdicts = "";
  const recount = () => {
    const now = [...document.querySelectorAll(".dojo-verdict")].map(one => one.textContent).join();
    if (now !== verdicts) { verdicts = now; refresh(); }
  };

  // Clocks: elements that say since when. Only their text changes, so nothing else notices.
  setInterval(() => {
    for (const clock of document.querySelectorAll("[data-dojo-since]")) {
      const seconds = Math.max(0, Math.round((Date.now() - clock.dataset.dojoSince) / 1000));
      clock.firstChild.data = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    }
  }, 500);

  await refresh();
  const update = () => { gate(); greet(); recount(); };
  let planned = false;  // once a frame is enough, however much of the page changes
  const plan = () => {
    if (planned) return;
    planned = true;
    requestAnimationFrame(() => { planned = false; update(); });
  };
  new MutationObserver(plan).observe(document.getElementById("root"), {childList: true, subtree: true});
  update();
});
