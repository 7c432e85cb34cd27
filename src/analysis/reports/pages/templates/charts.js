(() => {
  /* Names the marks of drawings and the tiles of maps: under the pointer, and one after the other with the arrow keys. Without
     this script a drawing keeps its alternative text, its titles under the pointer, and its table; a map keeps its links. */
  const MARKS = ".named > *";
  const REACH = 14;

  /* Where the words of what is pointed at, or reached by the keyboard, are seen; who hears the page hears them from what has the focus. */
  const tipIn = (box) => {
    const tip = document.createElement("p");
    tip.className = "tip";
    tip.hidden = true;
    tip.setAttribute("aria-hidden", "true");
    box.append(tip);
    return tip;
  };

  /* The pieces of a path of straight lines. */
  const segments = (path) => {
    const found = [];
    let at = null;
    for (const [, step, text] of path.matchAll(/([MLl])([^MLl]*)/g)) {
      const numbers = text.match(/-?[\d.]+/g).map(Number);
      for (let i = 0; i < numbers.length; i += 2) {
        const to = step === "l" ? [at[0] + numbers[i], at[1] + numbers[i + 1]] : [numbers[i], numbers[i + 1]];
        if (step !== "M") found.push([at, to]);
        at = to;
      }
    }
    return found;
  };
  const outOf = (value, low, high) => Math.max(low - value, value - high, 0);
  const fromSegment = (x, y, a, b) => {
    const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
    const along = dx || dy ? Math.min(Math.max(((x - a[0]) * dx + (y - a[1]) * dy) / (dx * dx + dy * dy), 0), 1) : 0;
    return Math.hypot(x - a[0] - along * dx, y - a[1] - along * dy);
  };

  /* A mark: its element, its name, its box, and how far a place of the drawing is from it. */
  const mark = (element, name) => {
    const box = element.getBBox();
    const line = element.localName === "path" && element.parentNode.getAttribute("fill") === "none";
    const pieces = line ? segments(element.getAttribute("d")) : [];
    const away = (x, y) => line
      ? 3 + Math.min(...pieces.map(([from, to]) => fromSegment(x, y, from, to)))
      : Math.hypot(outOf(x, box.x, box.x + box.width), outOf(y, box.y, box.y + box.height));
    return { element, name, box, away, own: element.parentNode.classList.contains("own") };
  };

  const walk = (frame, svg, names, tip) => {
    let known = null;
    let on = null;
    const marks = () => {
      if (known) return known;
      const down = svg.dataset.walk === "down";
      const order = (one) => [one.box.x + one.box.width / 2, one.box.y + one.box.height / 2];
      known = [...svg.querySelectorAll(MARKS)].map((element, i) => mark(element, names[i]));
      return known.sort((one, other) => {
        const [a, b] = [order(one), order(other)];
        return down ? a[1] - b[1] || a[0] - b[0] : a[0] - b[0] || b[1] - a[1];
      });
    };
    const show = (one, words) => {
      if (on) on.element.classList.remove("on");
      on = one;
      tip.hidden = !one;
      if (!one) return;
      one.element.classList.add("on");
      tip.textContent = words || one.name;
      const [outer, inner] = [frame.getBoundingClientRect(), svg.getBoundingClientRect()];
      const scale = inner.width / svg.viewBox.baseVal.width;
      const middle = inner.left - outer.left + (one.box.x + one.box.width / 2) * scale;
      const top = inner.top - outer.top + one.box.y * scale;
      const left = Math.min(Math.max(middle - tip.offsetWidth / 2, 0), outer.width - tip.offsetWidth);
      const over = top - tip.offsetHeight - 8;
      tip.style.left = left + "px";
      tip.style.top = (over > -tip.offsetHeight ? over : top + one.box.height * scale + 8) + "px";
    };
    const nearest = (event) => {
      const inner = svg.getBoundingClientRect();
      const scale = svg.viewBox.baseVal.width / inner.width;
      const [x, y] = [(event.clientX - inner.left) * scale, (event.clientY - inner.top) * scale];
      let [found, least] = [null, REACH];
      for (const one of marks()) {
        const far = one.away(x, y) / scale;
        if (far < least || (far === least && found && one.box.width < found.box.width)) [found, least] = [one, far];
      }
      return found;
    };

    const point = (event) => {
      if (event.target === tip) return;
      const one = nearest(event);
      if (one !== on && (one || document.activeElement !== ring)) show(one);
    };
    svg.parentNode.addEventListener("pointermove", point);
    svg.parentNode.addEventListener("pointerdown", point);
    frame.addEventListener("pointerleave", () => { if (document.activeElement !== ring) show(null); });
    document.addEventListener("keydown", (event) => { if (event.key === "Escape" && on) show(null); });
    let ring = null;
    if (!frame.matches(".frame")) return;

    /* One stop for the tab key in each drawing: a ring that stands on a mark, bears its name, and goes on with the arrows. */
    const elements = [...svg.querySelectorAll(MARKS)];
    const start = Math.max(elements.findIndex((one) => one.parentNode.classList.contains("own")), 0);
    for (const child of svg.children) child.setAttribute("aria-hidden", "true");
    svg.setAttribute("role", "group");
    ring = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    ring.setAttribute("class", "ring");
    ring.setAttribute("role", "img");
    ring.setAttribute("tabindex", "0");
    ring.setAttribute("rx", "4");
    ring.setAttribute("aria-label", names[start] + ". " + frame.dataset.hint);
    svg.append(ring);
    let at = null;  // listeners of the focus are on what holds the drawing: on it they would make it a stop
    const stand = (one) => {
      at = one;
      for (const [key, value] of [["x", one.box.x - 3], ["y", one.box.y - 3], ["width", one.box.width + 6], ["height", one.box.height + 6]]) {
        ring.setAttribute(key, value);
      }
    };
    const go = (one) => {
      const next = ring.cloneNode();
      const last = ring;
      ring = next;
      ring.setAttribute("aria-label", one.name);
      stand(one);
      last.after(ring);
      ring.focus({ preventScroll: true });
      ring.scrollIntoView({ block: "nearest" });
      last.remove();
      show(one);
    };
    const beside = (step) => {
      const middle = (one) => [one.box.x + one.box.width / 2, one.box.y + one.box.height / 2];
      const [x, y] = middle(at);
      let [found, least] = [null, Infinity];
      for (const one of marks()) {
        const [dx, dy] = [middle(one)[0] - x, (middle(one)[1] - y) * step];
        const far = dy > 4 && Math.abs(dx) <= 2 * dy ? dy + 2 * Math.abs(dx) : Infinity;
        if (far < least) [found, least] = [one, far];
      }
      return found;
    };
    svg.parentNode.addEventListener("focusin", () => {
      if (!at) {
        stand(marks().find((one) => one.element === elements[start]));
        ring.scrollIntoView({ block: "nearest" });
      }
      show(at, ring.getAttribute("aria-label"));
    });
    svg.parentNode.addEventListener("focusout", () => show(null));
    svg.parentNode.addEventListener("keydown", (event) => {
      const all = marks();
      const i = all.indexOf(at);
      const next = {
        ArrowRight: () => all[i + 1], ArrowLeft: () => all[i - 1], Home: () => all[0], End: () => all[all.length - 1],
        ArrowDown: () => beside(1) || (svg.dataset.walk === "down" ? all[i + 1] : null),
        ArrowUp: () => beside(-1) || (svg.dataset.walk === "down" ? all[i - 1] : null),
      }[event.key];
      if (event.key === "Escape") show(null);
      if (!next || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      const one = next();
      if (one && one !== at) go(one);
    });
  };

  /* The words of the tile of a map are seen when it is pointed at or has the focus. */
  for (const map of document.querySelectorAll(".tiles")) {
    const box = map.parentNode;
    box.classList.add("tipped");
    const tip = tipIn(box);
    const show = (link) => {
      tip.hidden = !link;
      if (!link) return;
      link.removeAttribute("title");
      tip.textContent = link.getAttribute("aria-label");
      const [outer, inner] = [box.getBoundingClientRect(), link.getBoundingClientRect()];
      const left = inner.left - outer.left + inner.width / 2 - tip.offsetWidth / 2;
      tip.style.left = Math.min(Math.max(left, 0), outer.width - tip.offsetWidth) + "px";
      tip.style.top = inner.top - outer.top - tip.offsetHeight - 6 + "px";
    };
    for (const begins of ["pointerover", "focusin"]) map.addEventListener(begins, (event) => show(event.target.closest("a")));
    for (const ends of ["pointerleave", "focusout"]) map.addEventListener(ends, () => show(null));
    map.addEventListener("keydown", (event) => { if (event.key === "Escape") show(null); });
  }

  for (const frame of document.querySelectorAll(".frame, .multiples figure")) {
    const titles = [...frame.querySelectorAll(".named title")];
    if (!titles.length) continue;
    const names = titles.map((title) => title.textContent);
    for (const title of titles) title.remove();
    const tip = tipIn(frame);
    for (const svg of frame.querySelectorAll("svg")) walk(frame, svg, names, tip);
  }
})();
