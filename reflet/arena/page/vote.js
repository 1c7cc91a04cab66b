// One battle at a time. Nothing here knows who made what before the server's answer to the vote.
import { stages } from "./stages.js";
import { WORDS } from "./words.js";

const $ = (id) => document.getElementById(id);
const sides = ["left", "right"];
const ANSWERS = ["model_a", "tie", "model_b"];
let language = localStorage.getItem("language") ?? (navigator.language.startsWith("fr") ? "fr" : "en");
let state = "loading"; // loading, voting, saving, revealed
let battle = null;
let votes = 0;
let shownAt = 0;
let details = {};
let lastVote = null;
let medium = null; // picture, sound or talk: the server says
let stage = {}; // of each side

const words = () => ({ ...WORDS[language], ...WORDS[language].media[medium ?? "picture"] });
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

async function post(path, body = {}) {
  const answer = await fetch(path, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  const found = await answer.json();
  if (!answer.ok && answer.status < 500) throw Object.assign(new Error(found.error), { refused: true });
  if (!answer.ok) throw new Error(found.error);
  return found;
}

// A vote is sent until it is acknowledged. The battle's token makes it one vote however often it arrives.
async function insist(path, body, message) {
  for (let pause = 400; ; pause = Math.min(8000, pause * 2)) {
    try {
      return await post(path, body);
    } catch (error) {
      if (error.refused) throw error;
      say(message());
      await wait(pause);
    }
  }
}

const say = (text) => { $("status").textContent = text; };

async function next() {
  state = "loading";
  details = {};
  lastVote = null;
  paint();
  $("pair").classList.add("waiting");
  for (const side of sides) $(side).classList.remove("chosen", "other");
  const slow = setTimeout(() => say(words().loading), 600);
  for (let pause = 400; ; pause = Math.min(8000, pause * 2)) {
    try {
      battle = await insist("/battle", {}, () => words().lost);
      const contents = await Promise.all(sides.map((side) => stage[side].load(battle[side])));
      await new Promise(requestAnimationFrame);
      sides.forEach((side, i) => stage[side].show(contents[i]));
      break;
    } catch (error) {
      say(error.refused ? error.message : words().lost);
      await wait(pause);
    }
  }
  clearTimeout(slow);
  say("");
  $("prompt").textContent = battle.prompt;
  $("pair").classList.remove("waiting");
  shownAt = performance.now();
  state = "voting";
  paint();
}

async function vote(winner) {
  if (state !== "voting") return;
  const seen = document.visibilityState === "visible" && sides.every((s) => stage[s].taken());
  if (!seen && winner) {
    say(words().unseen);
    $("pair").scrollIntoView({ block: "center", behavior: "smooth" });
    return;
  }
  state = "saving";
  paint();
  const body = { battle: battle.battle, winner, ...details, dwell: (performance.now() - shownAt) / 1000, seen };
  const late = setTimeout(() => say(words().saving), 400);
  let found;
  try {
    found = await insist("/vote", body, () => words().retry);
  } catch (error) {
    clearTimeout(late);
    say(error.message);
    await wait(1500);
    return next();
  }
  clearTimeout(late);
  say("");
  votes = found.votes;
  if (!found.reveal) return next();
  lastVote = found;
  state = "revealed";
  paint();
  $("next").focus({ preventScroll: true });
}

function paint() {
  const w = words();
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll("[data-word]")) node.textContent = w[node.dataset.word];
  $("count").textContent = w.count(votes);
  $("language").textContent = w.language;
  $("theme").setAttribute("aria-label", w.theme);
  $("help").setAttribute("aria-label", w.help);
  $("answers").setAttribute("aria-label", w.answers);
  stage.left?.name(w.leftOne);
  stage.right?.name(w.rightOne);
  document.body.dataset.state = state;
  document.body.dataset.medium = medium ?? "";
  const heard = medium !== "sound" || sides.every((side) => stage[side].taken());
  for (const button of document.querySelectorAll("#answers button, #details button")) {
    button.disabled = state !== "voting" || (!heard && button.id !== "skip");
  }
  for (const field of document.querySelectorAll("fieldset")) {
    [...field.querySelectorAll(".segments button")].forEach((button, i) => {
      button.textContent = w.sides[i];
      button.setAttribute("aria-pressed", String(details[field.dataset.question] === ANSWERS[i]));
    });
  }
  const reveal = state === "revealed" ? lastVote.reveal : null;
  $("after").hidden = !reveal;
  sides.forEach((side, i) => {
    $(side).querySelector("figcaption").textContent = reveal && !reveal.check ? reveal[side] : "";
    $(side).classList.toggle("chosen", Boolean(reveal) && lastVote.vote === ["model_a", "model_b"][i]);
    $(side).classList.toggle("other", Boolean(reveal) && lastVote.vote === ["model_b", "model_a"][i]);
  });
  if (reveal) $("verdict").textContent = reveal.check ? w.check : w.verdict[lastVote.vote];
}

function answerDetail(question, answer) {
  if (state !== "voting") return;
  if (details[question] === answer) delete details[question];
  else details[question] = answer;
  paint();
}

function setTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
}

function begin() {
  setTheme(localStorage.getItem("theme"));
  for (const field of document.querySelectorAll("fieldset")) {
    for (const answer of ANSWERS) {
      const button = document.createElement("button");
      button.type = "button";
      button.addEventListener("click", () => answerDetail(field.dataset.question, answer));
      field.querySelector(".segments").append(button);
    }
  }
  for (const button of document.querySelectorAll("[data-answer]")) {
    button.addEventListener("click", () => vote(button.dataset.answer));
  }
  $("skip").addEventListener("click", () => vote(null));
  $("next").addEventListener("click", next);
  $("language").addEventListener("click", () => {
    language = language === "fr" ? "en" : "fr";
    localStorage.setItem("language", language);
    paint();
  });
  $("theme").addEventListener("click", () => {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    localStorage.setItem("theme", dark ? "light" : "dark");
    setTheme(dark ? "light" : "dark");
  });
  $("help").addEventListener("click", () => $("about").showModal());
  $("close").addEventListener("click", () => $("about").close());
  $("erase").addEventListener("click", async () => {
    if (!confirm(words().sure)) return;
    const found = await post("/erase");
    votes = 0;
    $("about").close();
    await next();
    say(words().erased(found.erased));
  });
  const keys = { ArrowLeft: "model_a", ArrowRight: "model_b", ArrowDown: "tie", ArrowUp: "both_bad" };
  const small = { KeyQ: ["looks", 0], KeyW: ["looks", 1], KeyE: ["looks", 2],
    KeyA: ["follows", 0], KeyS: ["follows", 1], KeyD: ["follows", 2] };
  document.addEventListener("keydown", (event) => {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || $("about").open) return;
    if (state === "revealed" && (event.code === "Enter" || event.code === "Space")) {
      event.preventDefault();
      next();
    } else if (state === "voting" && event.code in keys) {
      event.preventDefault();
      vote(keys[event.code]);
    } else if (state === "voting" && event.code in small) {
      answerDetail(small[event.code][0], ANSWERS[small[event.code][1]]);
    } else if (state === "voting" && (event.code === "Digit1" || event.code === "Digit2")) {
      stage[event.code === "Digit1" ? "left" : "right"].play();
    } else if (state === "voting" && event.code === "KeyX") {
      vote(null);
    }
  });
  paint();
  insist("/me", {}, () => words().lost).then((found) => {
    votes = found.votes;
    medium = found.medium;
    for (const side of sides) {
      const figure = $(side);
      stage[side] = stages[medium](figure, paint);
      figure.append(figure.querySelector("figcaption"));
    }
    return next();
  }).catch((error) => say(error.message));
}

begin();
