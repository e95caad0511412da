// What is kept of a session, in the browser until it is finished and then in a file.

const FIELDS = ["trial", "left", "choice", "view_ms", "answer_ms", "views"];

const result = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

// A database, because Chromium 156 loses what a page that was just opened writes to localStorage.
async function storage(study) {
  let database;
  try {
    const opening = indexedDB.open("fewstep-study");
    opening.onupgradeneeded = () => opening.result.createObjectStore("sessions");
    database = await result(opening);
  } catch {
    return { works: false, load: async () => undefined, save: () => {}, clear: () => {} };
  }
  const change = (act) => {
    const transaction = database.transaction("sessions", "readwrite");
    act(transaction.objectStore("sessions"));
    transaction.commit(); // now, for the page may be closed in a moment
  };
  return {
    works: true,
    load: () => result(database.transaction("sessions").objectStore("sessions").get(study)),
    save: (session) => change((sessions) => sessions.put(session, study)),
    clear: () => change((sessions) => sessions.delete(study)),
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
