// Which trials a rater sees, in which order and on which sides: all from the rater's own seed.

// xoshiro128** (Blackman and Vigna 2018); the state is the seed, 32 hex digits.
function generator(seed) {
  const state = seed.match(/.{8}/g).map((word) => parseInt(word, 16) | 0);
  const rotate = (x, k) => (x << k) | (x >>> (32 - k));
  return () => {
    const result = Math.imul(rotate(Math.imul(state[1], 5), 7), 9);
    const shifted = state[1] << 9;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotate(state[3], 11);
    return (result >>> 0) / 4294967296;
  };
}

function shuffled(items, random) {
  const mixed = [...items];
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [mixed[i], mixed[j]] = [mixed[j], mixed[i]];
  }
  return mixed;
}

// A couple is turned as a whole: its two real images then stand on different sides (see blind.py).
function turned(couple, random) {
  const left = random() < 0.5 ? "a" : "b";
  return couple.map((trial) => ({ ...trial, left }));
}

// Screens of a session: an introduction, practice and trials for every task, and rests between.
function schedule(study, seed, rest = 40) {
  const random = generator(seed);
  const steps = [];
  const parts = shuffled(study.tasks.map((task, index) => ({ ...task, index })), random);
  parts.forEach((task, part) => {
    steps.push({ kind: "part", task: task.index, part });
    const practice = task.practice.flatMap((trial) => turned([trial], random));
    steps.push(...shuffled(practice, random).map((trial) => ({ kind: "practice", task: task.index, ...trial })));
    const drawn = task.groups.flatMap(({ couples, draw }) => shuffled(couples, random).slice(0, draw));
    const trials = shuffled(drawn.flatMap((couple) => turned(couple, random)), random);
    trials.forEach((trial, i) => {
      if (i && i % rest === 0) steps.push({ kind: "pause" });
      steps.push({ kind: "trial", task: task.index, ...trial });
    });
  });
  return steps;
}
