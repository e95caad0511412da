// The session: one screen at a time, and within a trial blank, view, answer and, in practice, feedback.

const study = JSON.parse(document.getElementById("study").textContent);
const at = (id) => document.getElementById(id);
const VIEW_MS = 1000 * study.view_seconds;
const BLANK_MS = Math.min(400, VIEW_MS); // before a pair, so that the eyes are there when it comes
const LARGEST_TILE = 320; // CSS pixels
const QUESTION = [
  "Which of the two do you guess is real?",
  "Which of the two is the better high\u2011quality version of the image in the middle?",
];

let store, session, steps;
let phase = "idle"; // idle, blank, view, answer, feedback
let began = 0; // when the phase began, by performance.now()
let viewed = 0; // ms that the pair was seen
let turn = 0; // counts views: what an earlier one still has to do is void

const step = () => steps[session.step];
const task = () => study.tasks[step().task];
const isTrial = (each) => each.kind === "trial" || each.kind === "practice";
const shownOn = (side) => (side === "left" ? step().left : { a: "b", b: "a" }[step().left]);

function turnTo(id) {
  for (const section of document.querySelectorAll("section")) section.hidden = section.id !== id;
  if (id !== "trial") at(id).querySelector("h1").focus();
  window.scrollTo(0, 0);
}

function show() {
  store.save(session);
  const { kind, task: index, part } = step() ?? { kind: "end" };
  if (kind === "end") finish();
  else if (kind === "pause") {
    at("sofar").textContent = `${progress()} Look at something far away for a moment.`;
    turnTo("pause");
  } else if (kind === "part") {
    at(`part${index}`).querySelector(".number").textContent = part + 1;
    turnTo(`part${index}`);
  } else showTrial();
}

function advance() {
  phase = "idle";
  session.step += 1;
  session.views = 0;
  show();
}

function progress() {
  const [all, done] = [steps, steps.slice(0, session.step)].map((some) => some.filter(isTrial).length);
  at("done").value = done / all;
  at("count").textContent = `${done + 1} of ${all}`;
  return `${done} of ${all} pairs are done.`;
}

// Every pixel of an image becomes the same whole number of the screen's pixels.
function layout() {
  const [columns, ratio] = [task().low ? 3 : 2, window.devicePixelRatio || 1];
  const phone = window.innerWidth <= 640;
  const room = Math.min(
    LARGEST_TILE,
    (at("stage").clientWidth - (columns - 1) * (phone ? 4 : 16)) / columns - (phone ? 14 : 22),
    Math.max(window.innerHeight - 330, 96),
  );
  const scale = Math.floor((room * ratio) / study.side);
  at("trial").style.setProperty("--tile", `${scale ? (scale * study.side) / ratio : room}px`);
}

function say(text, look = "") {
  at("status").textContent = text;
  at("status").className = look;
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const frame = () => new Promise(requestAnimationFrame);

async function showTrial() {
  const mine = ++turn;
  const images = { left: step()[shownOn("left")], right: step()[shownOn("right")], middle: task().low && step().low };
  phase = "blank";
  hide();
  turnTo("trial");
  progress();
  at("question").textContent = QUESTION[Number(task().low)];
  at("middle").hidden = !task().low;
  at("next").hidden = true;
  at("view").classList.remove("over");
  at("view").value = 0;
  for (const side of ["left", "right"]) {
    at(side).disabled = true;
    at(side).classList.remove("is-real");
  }
  say(step().kind === "practice" ? "Practice: look" : "Look");
  layout();
  await Promise.all(
    Object.entries(images).filter(([, data]) => data).map(([id, data]) => {
      const image = at(id).querySelector("img");
      image.src = `data:image/png;base64,${data}`;
      return image.decode();
    }).concat(wait(BLANK_MS)),
  );
  began = await frame();
  if (turn !== mine) return;
  session.views += 1;
  store.save(session); // a reload is one more view
  phase = "view";
  at("stage").classList.add("shown");
  for (let now = began; now - began < VIEW_MS; now = await frame()) {
    if (turn !== mine) return;
    at("view").value = (now - began) / VIEW_MS;
  }
  if (turn === mine) ask();
}

function hide() {
  at("stage").classList.remove("shown");
  for (const image of at("stage").querySelectorAll("img")) image.removeAttribute("src");
}

function ask() {
  viewed = performance.now() - began;
  hide();
  phase = "answer";
  began = performance.now();
  at("left").disabled = at("right").disabled = false;
  at("view").classList.add("over");
  say("Left or right?");
}

function choose(choice) {
  if (phase !== "answer") return;
  const { kind, trial, left } = step();
  if (kind === "practice") return feedback(choice);
  const answer = { trial, left, choice, view_ms: viewed, answer_ms: performance.now() - began, views: session.views };
  for (const field of ["view_ms", "answer_ms"]) answer[field] = Math.round(answer[field]);
  session.answers.push(answer);
  advance();
}

// In practice alone: the pair comes back, with the real image marked.
function feedback(choice) {
  phase = "feedback";
  for (const side of ["left", "right"]) {
    at(side).disabled = true;
    at(side).querySelector("img").src = `data:image/png;base64,${step()[shownOn(side)]}`;
  }
  if (task().low) at("middle").querySelector("img").src = `data:image/png;base64,${step().low}`;
  at("stage").classList.add("shown");
  const real = shownOn("left") === step().real ? "left" : "right";
  at(real).classList.add("is-real");
  if (choice === real) say(`Correct: the ${real} one is real.`, "good");
  else say(`No: the ${real} one is real.`, "bad");
  at("next").hidden = false;
  at("next").focus();
}

function finish() {
  turnTo("end");
  const name = `answers-${session.rater.slice(0, 8)}`;
  const files = { json: [asJson(study, session), "application/json"], csv: [asCsv(study, session), "text/csv"] };
  for (const [kind, [text, type]] of Object.entries(files)) {
    at(kind).download = `${name}.${kind}`;
    at(kind).href = URL.createObjectURL(new Blob([text], { type }));
    // Not `=> (... = false)`: a handler that returns false cancels the click, and nothing would be saved.
    at(kind).onclick = () => {
      at("clear").disabled = false;
    };
  }
}

async function welcome() {
  store ??= await storage(study.study);
  session = (await store.load()) ?? freshSession();
  steps = schedule(study, session.rater);
  at("anew").hidden = !session.step;
  at("begin").textContent = session.step ? "Go on where you stopped" : "Begin";
  at("forgetful").hidden = store.works;
  turnTo("welcome");
}

function startAnew() {
  store.clear();
  welcome();
}

const KEYS = { ArrowLeft: "left", f: "left", ArrowRight: "right", j: "right" };
document.addEventListener("keydown", (event) => {
  const choice = KEYS[event.key];
  if (choice && !event.repeat && !event.ctrlKey && !event.metaKey && !event.altKey) choose(choice);
});
document.addEventListener("visibilitychange", () => {
  // A pair that was not looked at for its whole time is shown again.
  if (phase !== "blank" && phase !== "view") return;
  hide();
  turn += 1;
  if (!document.hidden) showTrial();
});
window.addEventListener("resize", () => phase !== "idle" && layout());
at("begin").addEventListener("click", show);
at("anew").addEventListener("click", () => confirm("Discard the answers that were given so far?") && startAnew());
at("clear").addEventListener("click", startAnew);
at("left").addEventListener("click", () => choose("left"));
at("right").addEventListener("click", () => choose("right"));
at("next").addEventListener("click", advance);
for (const go of document.querySelectorAll(".go")) go.addEventListener("click", advance);
welcome();
