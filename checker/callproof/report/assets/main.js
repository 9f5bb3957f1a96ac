"use strict";
// One part of the page at a time, as its address says.
(() => {
  const views = [...document.querySelectorAll(".view")];
  const tabs = [...document.querySelectorAll(".tabs a")];
  document.documentElement.classList.add("scripted");
  callproof.player.start();
  const showAllClauses = callproof.tables.start();
  const isTrace = /^((?:example|finding|trace)-\d+)(?:-(\d+))?$/;

  const reveal = (view, item) => {
    for (const other of views) other.hidden = other !== view;
    for (const tab of tabs) {
      if (tab.hash === `#${view.id}`) {
        tab.setAttribute("aria-current", "page");
        tab.scrollIntoView({ block: "nearest", inline: "nearest" });
      } else tab.removeAttribute("aria-current");
    }
    for (const old of document.querySelectorAll(".at")) old.classList.remove("at");
    if (item !== view) item.classList.add("at");
  };

  // `moved`: somebody followed a link, so that focus goes where it led.
  const route = (moved) => {
    let id = "";
    try {
      id = decodeURIComponent(location.hash.slice(1)) || "matrix";
    } catch {
      id = "matrix";
    }
    if (id === "examples") id = callproof.player.first() || "examples";
    if (id === "main") {
      document.getElementById("main").focus();
      return;
    }
    const played = isTrace.exec(id);
    if (played) {
      const view = document.getElementById("examples");
      reveal(view, view);
      if (callproof.player.open(played[1], played[2] === undefined ? null : Number(played[2]))) {
        if (moved) view.focus({ preventScroll: true });
        scrollTo(0, 0);
        return;
      }
      id = "matrix";
    }
    const item = document.getElementById(id) || views[0];
    const view = item.closest(".view") || views[0];
    if (item.hidden) showAllClauses();
    reveal(view, view.contains(item) ? item : view);
    if (view.id === "graph") callproof.graph.start();
    if (moved) item.focus({ preventScroll: true });
    if (item === view) scrollTo(0, 0);
    else item.scrollIntoView({ block: "center" });
  };

  addEventListener("hashchange", () => route(true));
  route(false);
})();
