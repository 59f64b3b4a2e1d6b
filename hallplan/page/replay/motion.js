// Motion: people and files go from where they are to where they belong at a moment.

const KIND = { waits: 0, served: 1, moves: 2, leaves: 3, inHand: 4, fileWaits: 5 };
const WALK_S = 0.16; // real seconds in which most of a way is gone
const SLOWEST = 90; // px a second at the end of a way

function makeMotion(day) {
  const number = day.visits.length + day.files.length;
  return {
    x: new Float32Array(number),
    y: new Float32Array(number),
    kind: new Uint8Array(number),
    isShown: new Uint8Array(number),
    hidden: new Int32Array(day.places.length), // in a queue beyond what is drawn
  };
}

// Bring everybody to moment t; `seconds` of real time have passed, none (a jump) puts them there at once.
function moveTo(motion, day, plan, t, seconds) {
  motion.hidden.fill(0);
  moveVisits(motion, day, plan, t, seconds);
  moveFiles(motion, day, plan, t, seconds);
}

function moveVisits(motion, day, plan, t, seconds) {
  const queues = day.places.map(() => []);
  let standing = 0;
  let outside = 0;
  day.visits.forEach((visit, token) => {
    if (visit.arrive > t || t >= visit.leave) {
      goHome(motion, token, visit, plan, t, seconds);
      return;
    }
    const leg = legAt(visit.legs, t);
    if (t < visit.enter && !leg) {
      approach(motion, token, outsideAt(plan, outside), KIND.moves, plan, seconds);
      outside += 1;
    } else if (!leg) {
      approach(motion, token, standingAt(plan, standing), KIND.moves, plan, seconds);
      standing += 1;
    } else if (isCalled(leg, t)) {
      approach(motion, token, seatAt(plan.cells[leg.place], leg.seat), KIND.served, plan, seconds);
    } else queues[leg.place].push({ token, ready: leg.ready });
  });
  queues.forEach((queue, place) => {
    queue.sort((a, b) => a.ready - b.ready);
    line(motion, queue, place, plan, KIND.waits, seconds);
  });
}

function moveFiles(motion, day, plan, t, seconds) {
  const trays = day.places.map(() => []);
  day.files.forEach((file, index) => {
    const token = day.visits.length + index;
    const leg = legAt(file.legs, t);
    if (!leg) carry(motion, token, file.legs, plan, t);
    else if (isCalled(leg, t) && plan.cells[leg.place] && day.places[leg.place].seats) {
      approach(motion, token, seatAt(plan.cells[leg.place], leg.seat), KIND.inHand, null, seconds);
    } else trays[leg.place].push({ token, ready: leg.ready });
  });
  trays.forEach((tray, place) => {
    tray.sort((a, b) => a.ready - b.ready);
    line(motion, tray, place, plan, KIND.fileWaits, seconds);
  });
}

// A queue, or a tray of files: who finds no room in the drawing is counted in its number.
function line(motion, queue, place, plan, kind, seconds) {
  const cell = plan.cells[place];
  const room = queueRoom(cell);
  const shift = cell.front && kind === KIND.fileWaits ? room - 1 : 0; // at a window, files lie at the end of the row
  queue.forEach(({ token }, slot) => {
    const isDrawn = slot < room && (!shift || slot === 0);
    if (!isDrawn) motion.hidden[place] += 1;
    const from = kind === KIND.waits ? plan : null;
    approach(motion, token, queueAt(cell, isDrawn ? slot + shift : room - 1), kind, from, seconds);
    motion.isShown[token] = isDrawn ? 1 : 0;
  });
}

function approach(motion, token, [x, y], kind, doors, seconds) {
  motion.kind[token] = kind;
  if (!motion.isShown[token]) {
    motion.isShown[token] = 1;
    const [fromX, fromY] = doors && seconds ? doorAt(doors) : [x, y];
    motion.x[token] = fromX;
    motion.y[token] = fromY;
  }
  const dx = x - motion.x[token];
  const dy = y - motion.y[token];
  const way = Math.hypot(dx, dy);
  const step = seconds ? Math.max(way * (1 - Math.exp(-seconds / WALK_S)), SLOWEST * seconds) : way;
  const share = way > step ? step / way : 1;
  motion.x[token] += dx * share;
  motion.y[token] += dy * share;
}

function goHome(motion, token, visit, plan, t, seconds) {
  if (!motion.isShown[token] || !seconds || t < visit.arrive) {
    motion.isShown[token] = 0;
    return;
  }
  const door = doorAt(plan);
  approach(motion, token, door, visit.outcome === TRIP.served ? KIND.moves : KIND.leaves, plan, seconds);
  if (Math.hypot(door[0] - motion.x[token], door[1] - motion.y[token]) < 2) motion.isShown[token] = 0;
}

function carry(motion, token, legs, plan, t) {
  const after = legs.findIndex((leg) => leg.ready > t);
  const [from, to] = [legs[after - 1], legs[after]];
  motion.isShown[token] = 0;
  if (!from || !to || to.ready - from.end > CARRIED_S) return;
  const share = (t - from.end) / Math.max(to.ready - from.end, 1);
  const [a, b] = [queueAt(plan.cells[from.place], 0), queueAt(plan.cells[to.place], 0)];
  motion.isShown[token] = 1;
  motion.kind[token] = KIND.fileWaits;
  motion.x[token] = a[0] + (b[0] - a[0]) * share;
  motion.y[token] = a[1] + (b[1] - a[1]) * share;
}

// The person or file nearest to a point, within reach of a finger; -1 for none.
function tokenAt(motion, x, y) {
  let nearest = -1;
  let least = 13;
  for (let token = 0; token < motion.x.length; token += 1) {
    const way = motion.isShown[token] ? Math.hypot(motion.x[token] - x, motion.y[token] - y) : least;
    if (way < least) [nearest, least] = [token, way];
  }
  return nearest;
}
