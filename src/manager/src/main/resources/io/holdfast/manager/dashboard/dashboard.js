// Saves people from reloading. Everything works without it.
"use strict";

// The page's own rules allow no inline style and no code that is made from text.
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
htmx.config.allowScriptTags = false;
htmx.config.historyCacheSize = 0;

const LOOK_AGAIN_MILLIS = 5000;

/** Fetches the page again and puts its main part in place of the one that is shown. */
function refresh() {
  return htmx.ajax("GET", location.href, { target: "#main", select: "#main", swap: "outerHTML" });
}

/** Follows what happens to an instance, as long as the page says that it wants to. */
function follow(main) {
  const address = main.dataset.events;
  if (!address) {
    return;
  }
  const source = new EventSource(address);
  source.addEventListener("progress", (event) => {
    const place = document.getElementById("progress");
    if (place) {
      htmx.swap(place, event.data, { swapStyle: "innerHTML" });
    }
  });
  source.addEventListener("changed", () => {
    source.close();
    refresh();
  });
  source.onerror = () => {
    // The browser itself tries again, unless the answer was a refusal.
    if (source.readyState === EventSource.CLOSED) {
      setTimeout(refresh, LOOK_AGAIN_MILLIS);
    }
  };
  main.addEventListener("htmx:beforeCleanupElement", (event) => {
    // What is replaced inside it says so here too.
    if (event.target === main) {
      source.close();
    }
  });
  addEventListener("pagehide", () => source.close());
}

htmx.onLoad((element) => {
  if (element.id === "main") {
    follow(element);
  } else if (element === document.body) {
    follow(document.getElementById("main"));
  }
});
