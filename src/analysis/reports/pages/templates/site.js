(() => {
  const plain = (text) => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase()
    .replace(/œ/g, "oe").replace(/æ/g, "ae").replace(/[^a-z0-9]+/g, " ").trim();
  const has = (key, words) => words.every((word) => (" " + key).includes(" " + word));
  const counted = (output, number, total) => {
    output.textContent = output.dataset.words.replace("{number}", number).replace("{total}", total);
  };

  const place = document.querySelector(".place");
  const found = place.querySelector(".found");
  const box = place.querySelector("input");
  const links = () => [...found.querySelectorAll("a")];
  const show = () => {
    const words = plain(box.value).split(" ").filter(Boolean);
    const hits = words.length ? PACTE_ENTRIES.filter((entry) => has(entry[3], words)) : [];
    found.replaceChildren(...hits.slice(0, 12).map(([name, kind, address]) => {
      const item = document.createElement("li");
      const link = item.appendChild(document.createElement("a"));
      link.href = place.dataset.root + address;
      link.append(name + " ");
      link.appendChild(document.createElement("span")).textContent = kind;
      return item;
    }));
    const output = place.querySelector("output");
    if (words.length) counted(output, Math.min(hits.length, 12), hits.length); else output.textContent = "";
  };
  box.addEventListener("input", show);
  place.addEventListener("keydown", (event) => {
    const stops = [box, ...links()];
    const at = stops.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && stops[at + step]) {
      event.preventDefault();
      stops[at + step].focus();
    } else if (event.key === "Escape") {
      box.value = "";
      show();
      box.focus();
    } else if (event.key === "Enter" && at === 0 && stops.length > 1) {
      stops[1].click();
    }
  });
  place.hidden = false;

  const list = document.querySelector(".search");
  if (list) {
    const input = list.querySelector("input");
    const items = [...document.querySelectorAll(".departements > li")];
    const narrow = () => {
      const words = plain(input.value).split(" ").filter(Boolean);
      for (const item of items) item.hidden = !has(item.dataset.key, words);
      counted(list.querySelector("output"), items.filter((item) => !item.hidden).length, items.length);
    };
    list.hidden = false;
    input.addEventListener("input", narrow);
    addEventListener("hashchange", () => {
      const item = items.find((one) => "#" + one.id === location.hash);
      if (item && item.hidden) {
        input.value = "";
        narrow();
        item.scrollIntoView();
      }
    });
  }

  for (const choose of document.querySelectorAll(".choose")) {
    const group = choose.nextElementSibling;
    const choices = [...group.children];
    const select = choose.querySelector("select");
    const pick = () => {
      for (const choice of choices) {
        choice.hidden = choice.id !== select.value;
        choice.open = !choice.hidden;
      }
    };
    group.classList.add("chosen");
    for (const choice of choices) choice.querySelector("summary").tabIndex = -1;
    select.addEventListener("change", pick);
    choose.hidden = false;
    pick();
  }
})();
