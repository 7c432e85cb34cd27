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
