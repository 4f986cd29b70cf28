// What the page does in the browser: marks an answer in the article, copies it, and keeps the question box at hand.
"use strict";
const verbatim = (() => {
  const box = () => document.querySelector("#box textarea");
  const text = () => document.querySelector("#view .text");
  const open = (link) => link.dataset.article === document.querySelector("#view .article")?.dataset.article;
  const phone = matchMedia("(max-width: 767px)");
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  // Two positions in the article, in UTF-16 units: the text of the page is the article's text.
  const place = (link) => (link.dataset.mark ? link.dataset.mark.split(" ").map(Number) : null);

  function unmark() {
    for (const mark of text()?.querySelectorAll("mark") ?? []) {
      const parent = mark.parentNode;
      mark.replaceWith(...mark.childNodes);
      parent.normalize();
    }
    for (const said of text()?.querySelectorAll(".said") ?? []) said.classList.remove("said");
  }

  // Puts a <mark> around every piece of text between two positions; the answer may run over several sentences.
  function mark([start, end]) {
    const walker = document.createTreeWalker(text(), NodeFilter.SHOW_TEXT);
    const pieces = [];
    for (let at = 0, node; at < end && (node = walker.nextNode()); at += node.length) {
      const from = Math.max(start - at, 0), to = Math.min(end - at, node.length);
      if (from < to) pieces.push([node, from, to]);
    }
    for (const [node, from, to] of pieces) {
      const range = document.createRange();
      range.setStart(node, from);
      range.setEnd(node, to);
      range.surroundContents(document.createElement("mark"));
    }
  }

  // Marks what a link of a card points to; true when its sentence is in the article.
  function point(link) {
    unmark();
    const sentence = document.getElementById(link.hash.slice(1));
    sentence?.classList.add("said");
    if (place(link)) mark(place(link));
    return text()?.querySelector("mark") ?? sentence;
  }

  // Marks it and scrolls there; an article that is not open is asked for first, and `shown` goes on.
  let wished = "", wanted = null, followed = false;
  function lead(link, byHand = false) {
    wanted = link;
    followed = byHand;
    if (open(link)) requestAnimationFrame(shown);
    else press("#show", link.dataset.article);
  }

  function shown() {
    if (!wanted?.isConnected || !open(wanted)) return;
    const place = point(wanted);
    scroll(place);
    if (followed && phone.matches) place?.scrollIntoView({ block: "center" }); // there the article lies below the chat
  }

  // Clicks one of Gradio's hidden buttons, whose handler asks what is wished.
  function press(button, wish = wished) {
    wished = wish;
    document.querySelector(button)?.click();
  }
  const wish = () => wished;

  // Moves the article, and only the article, until `element` is in view; not at all when it is.
  function scroll(element) {
    const pane = element?.closest(".article");
    if (!pane || getComputedStyle(pane).overflowY !== "auto") return;
    const seen = pane.getBoundingClientRect(), top = element.getBoundingClientRect().top - seen.top;
    if (top > 0 && top < seen.height * 0.8) return;
    pane.scrollTo({ top: pane.scrollTop + top - seen.height / 3, behavior: still.matches ? "instant" : "smooth" });
  }

  function focus() {
    if (matchMedia("(pointer: fine)").matches) box()?.focus({ preventScroll: true }); // no keyboard pops up on a phone
  }

  // After an answer: not away from somebody who went on to the article, or to bring another.
  function returning() {
    if (!document.activeElement?.closest("#right")) focus();
  }

  function type(question) {
    box().value = question;
    box().dispatchEvent(new Event("input", { bubbles: true }));
  }

  let literally = null; // the question that is to be asked as it stands
  function submit(question, button = "#box .submit-button") {
    if (searching()) return;
    type(question);
    literally = button === "#typed" ? question : null;
    setTimeout(() => document.querySelector(button)?.click()); // once Gradio has read the box
  }

  // Whether the question that is being sent is to be asked as it stands: "yes" or "".
  function typed(question) {
    const asked = literally?.trim() === question.trim();
    literally = null;
    return asked ? "yes" : "";
  }

  // The question that the page's address holds as ?q=, when there is one.
  function arrive() {
    const question = new URLSearchParams(location.search).get("q")?.trim();
    if (question) submit(question);
    else suggest();
  }

  // Asks for questions to offer where an empty chat has none.
  function suggest() {
    const invitation = document.querySelector("#chat .invitation");
    if (invitation && !invitation.querySelector(".ask")) press("#suggest");
  }

  // Lets the browser save a file: a JSON object of its name and text.
  function save(parcel) {
    const { name, text } = JSON.parse(parcel);
    const link = Object.assign(document.createElement("a"), {
      href: URL.createObjectURL(new Blob([text], { type: "application/octet-stream" })), // shown by no browser
      download: name,
    });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  // The questions asked so far, for the arrow keys in an empty box.
  let back = 0;
  const asked = () => [...document.querySelectorAll("#chat .user-row .message-content")].map((said) => said.textContent);
  function recall(step) {
    back = Math.min(Math.max(back + step, 0), asked().length);
    type(back ? asked().at(-back) : "");
  }

  // Whether the answer to the last question is still looked for.
  const searching = () => [...document.querySelectorAll("#chat .bot-row")].at(-1)?.querySelector(".card") === null;

  // The question whose answer holds `element`.
  const answered = (element) => element.closest(".bot-row").previousElementSibling.textContent.trim();

  async function copy(button) {
    const said = button.dataset.text;
    try {
      await navigator.clipboard.writeText(said);
    } catch { // not served over https or from this machine
      const area = document.body.appendChild(Object.assign(document.createElement("textarea"), { value: said }));
      area.select();
      document.execCommand("copy");
      area.remove();
      button.focus();
    }
    button.dataset.name ??= button.textContent;
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = button.dataset.name), 1500);
  }

  // Marks the last answer in the article as soon as the chat shows it; nothing when the article does not say.
  let last = "";
  function follow() {
    document.querySelector("#file .upload-container[aria-label]")?.removeAttribute("aria-label"); // Gradio's; its text is the better name
    const cards = document.querySelectorAll("#chat .card");
    const link = cards[cards.length - 1]?.querySelector("a.show");
    const now = `${cards.length} ${link?.dataset.article} ${link?.dataset.mark}`;
    if (now === last || !document.querySelector("#view .article")) return;
    last = now;
    if (link) lead(link);
    else unmark();
  }
  new MutationObserver(follow).observe(document.documentElement, { childList: true, subtree: true });

  // An article of the visitor's own was read, or could not be and the note says why.
  function brought() {
    if (!document.querySelector("#note .problem")) press("#open-own");
  }

  // Something else is asked now; or it could not be, and the picker goes back to what is.
  let stepping = false; // through the picker, by its arrow keys
  function opened() {
    last = "";
    const picker = document.querySelector("#picker select");
    if (picker) picker.value = [...picker.options].find((option) => option.defaultSelected)?.value ?? "";
    document.querySelector("#view .article")?.scrollTo(0, 0);
    follow();
    if (stepping) picker?.focus();
    else focus();
    suggest();
  }

  document.addEventListener("click", (event) => {
    const skip = event.target.closest?.("a.skip");
    if (skip) {
      event.preventDefault();
      document.querySelector(skip.hash)?.querySelector("textarea, .article")?.focus();
      return;
    }
    const link = event.target.closest?.('.card a[href^="#s"]');
    if (link) {
      if (!open(link)) event.preventDefault(); // its place is not on the page yet
      lead(link, true);
      return;
    }
    const button = event.target.closest?.("button");
    if (button?.matches(".card .copy")) copy(button);
    if (button?.matches("#chat .ask")) submit(button.textContent);
    if (button?.matches("#view [data-key]")) press("#choose", button.dataset.key);
    if (button?.matches(".card .again")) submit(answered(button));
    if (button?.matches(".card .typed")) submit(answered(button), "#typed");
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches?.("#picker select")) press("#choose", event.target.value);
  });

  document.addEventListener("input", (event) => {
    if (event.isTrusted && event.target === box()) back = 0;
  });

  document.addEventListener("pointerdown", () => (stepping = false));

  document.addEventListener("keydown", (event) => {
    stepping = event.target.matches?.("#picker select") ?? false;
    const typing = event.target.matches?.("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      box()?.focus();
    }
    if (event.target !== box()) return;
    if (event.key === "Escape") recall(-back);
    if ((event.key === "ArrowUp" || event.key === "ArrowDown") && (back || !box().value)) {
      event.preventDefault();
      recall(event.key === "ArrowUp" ? 1 : -1);
    }
    if (event.key === "Enter") back = 0;
  });

  return { arrive, brought, focus, opened, returning, save, shown, typed, wish };
})();
