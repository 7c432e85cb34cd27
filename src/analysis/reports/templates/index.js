(() => {
  const box = document.querySelector(".search");
  const input = box.querySelector("input");
  const output = box.querySelector("output");
  const items = [...document.querySelectorAll(".departements > li")];
  const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/[^a-z0-9]+/g, " ").trim();
  const search = () => {
    const words = plain(input.value).split(" ");
    let shown = 0;
    for (const item of items) {
      item.hidden = !words.every((word) => (" " + item.dataset.key).includes(" " + word));
      shown += item.hidden ? 0 : 1;
    }
    output.textContent = output.dataset.words.replace("{number}", shown).replace("{total}", items.length);
  };
  box.hidden = false;
  input.addEventListener("input", search);
  addEventListener("hashchange", () => {
    const item = items.find((one) => "#" + one.id === location.hash);
    if (item && item.hidden) {
      input.value = "";
      search();
      item.scrollIntoView();
    }
  });
})();
