// What is kept of a session, in the browser until it is finished and then in a file.

const FIELDS = ["trial", "left", "choice", "view_ms", "answer_ms", "views"];

function storage(study) {
  const name = `fewstep-study-${study}`;
  try {
    localStorage.setItem(`${name}-test`, "");
    localStorage.removeItem(`${name}-test`);
  } catch {
    return { works: false, load: () => null, save: () => {}, clear: () => {} };
  }
  return {
    works: true,
    load: () => JSON.parse(localStorage.getItem(name)),
    save: (session) => localStorage.setItem(name, JSON.stringify(session)),
    clear: () => localStorage.removeItem(name),
  };
}

function freshSession() {
  const words = crypto.getRandomValues(new Uint32Array(4));
  const rater = Array.from(words, (word) => word.toString(16).padStart(8, "0")).join("");
  return { rater, step: 0, views: 0, answers: [] };
}

function asJson(study, session) {
  const screen = [window.innerWidth, window.innerHeight, window.devicePixelRatio];
  const file = { format: study.format, study: study.study, rater: session.rater, screen, answers: session.answers };
  return JSON.stringify(file, null, 1);
}

// Nothing in it needs quotes: hex digits, letters and numbers.
function asCsv(study, session) {
  const rows = session.answers.map((answer) => [study.study, session.rater, ...FIELDS.map((field) => answer[field])]);
  return [["study", "rater", ...FIELDS], ...rows].map((row) => row.join(",") + "\r\n").join("");
}
