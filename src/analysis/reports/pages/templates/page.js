(() => {
  // A table that is wider than its place is a stop for the keyboard and says that it scrolls; the others are none.
  const boxes = [...document.querySelectorAll(".table-scroll")];
  const look = () => {
    const wide = boxes.map((box) => box.scrollWidth > box.clientWidth + 1);
    boxes.forEach((box, at) => {
      box.classList.toggle("scrolls", wide[at]);
      box.dataset.hint = document.body.dataset.scrolls;
      if (wide[at]) box.tabIndex = 0; else box.removeAttribute("tabindex");
    });
  };
  const watch = new ResizeObserver(look);
  for (const box of boxes) watch.observe(box);
  look();

  // A map of tiles is one stop; arrows lead to the nearest tile that way.
  const steps = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
  for (const map of document.querySelectorAll(".tiles")) {
    const tiles = [...map.querySelectorAll("a")].map((link) => {
      const [x, y] = ["x", "y"].map((axis) => Number(link.parentElement.className.match(axis + "(\\d+)")[1]));
      return { link, x, y };
    });
    for (const { link } of tiles.slice(1)) link.tabIndex = -1;
    map.addEventListener("focusin", (event) => {
      for (const { link } of tiles) link.tabIndex = link === event.target ? 0 : -1;
    });
    map.addEventListener("keydown", (event) => {
      const from = tiles.find(({ link }) => link === document.activeElement);
      const step = steps[event.key];
      const end = { Home: 0, End: tiles.length - 1 }[event.key];
      if (!from || (!step && end === undefined)) return;
      const far = ({ x, y }) => Math.hypot(x - from.x, y - from.y) + 3 * Math.abs((x - from.x) * step[1] + (y - from.y) * step[0]);
      const ahead = step && tiles.filter(({ x, y }) => (x - from.x) * step[0] + (y - from.y) * step[1] > 0);
      const next = step ? ahead.sort((a, b) => far(a) - far(b))[0] : tiles[end];
      event.preventDefault();
      if (next) next.link.focus();
    });
  }
  for (const words of document.querySelectorAll(".arrows")) words.hidden = false;
  for (const link of document.querySelectorAll(".skip.here")) link.hidden = true;

  // On a phone what was found comes before the list of contents.
  const contents = document.querySelector(".contents > details");
  if (contents && matchMedia("(max-width: 40rem)").matches) contents.open = false;

  // One button opens and closes the notes and tables of every figure of the page.
  const notes = document.querySelector(".notes");
  const folds = [...document.querySelectorAll("figure details")];
  if (notes && folds.length) {
    const button = notes.querySelector("button");
    button.addEventListener("click", () => {
      const open = button.getAttribute("aria-pressed") !== "true";
      for (const fold of folds) fold.open = open;
      button.setAttribute("aria-pressed", String(open));
    });
    notes.hidden = false;
  }
})();
