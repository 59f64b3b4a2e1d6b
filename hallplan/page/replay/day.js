// The day itself: what everybody does at a moment, and how many do it. Every moment is a second since midnight.
// The files of this folder are joined into one module, in the order that component.py names.

const LEG = { served: 0, interrupted: 1, left: 2, full: 3, sentHome: 4, unfinished: 5 };
const TRIP = { served: 0, left: 1, full: 2, shut: 3, sentHome: 4, inside: 5 };
const DAY_S = 86400;
const ROUND_S = 600;
const CARRIED_S = 1800; // a file that is longer on its way is not drawn: it lies somewhere else meanwhile

function readDay(text) {
  const day = JSON.parse(text);
  const visits = day.visits.map((row, index) => {
    const [arrive, enter, leave, outcome, service, purpose, channel, trip, legs] = row;
    return { number: index + 1, arrive, enter, leave, outcome, service, purpose, channel, trip, legs: readLegs(legs) };
  });
  const files = day.files.map(([case_, service, legs]) => ({ number: case_ + 1, service, legs: readLegs(legs) }));
  const [begin, end] = openingOf(day.places, visits);
  return { ...day, visits, files, begin, end };
}

function readLegs(numbers) {
  const legs = [];
  for (let k = 0; k < numbers.length; k += 6) {
    const [place, ready, start, end, outcome, seat] = numbers.slice(k, k + 6);
    legs.push({ place, ready, start, end, outcome, seat });
  }
  return legs;
}

// From the first visitor or server of the day to the last, to whole ten minutes.
function openingOf(places, visits) {
  const edges = places.flatMap((place) => place.duty.slice(1).map(([moment]) => moment));
  const comings = visits.flatMap((visit) => [visit.arrive, visit.leave]);
  const inside = [...edges, ...comings].filter((moment) => moment >= 0 && moment <= DAY_S);
  if (!inside.length) return [0, DAY_S];
  const first = inside.reduce((a, b) => Math.min(a, b));
  const last = inside.reduce((a, b) => Math.max(a, b));
  return [Math.floor(first / ROUND_S) * ROUND_S, Math.min(DAY_S, (Math.floor(last / ROUND_S) + 1) * ROUND_S)];
}

function serversAt(place, t) {
  let servers = 0;
  for (const [moment, number] of place.duty) {
    if (moment > t) break;
    servers = number;
  }
  return servers;
}

// The leg that goes on at a moment; of several at once, the one begun last.
function legAt(legs, t) {
  for (let k = legs.length - 1; k >= 0; k -= 1) {
    if (legs[k].ready <= t && t < legs[k].end) return legs[k];
  }
  return null;
}

function isCalled(leg, t) {
  return leg.seat >= 0 && t >= leg.start;
}

// Who is at each place: visitors waiting and being served, in the order of joining, and files.
function crowdAt(day, t) {
  const crowd = day.places.map(() => ({ waiting: [], served: [], files: [] }));
  for (const visit of day.visits) {
    if (visit.arrive > t || t >= visit.leave) continue;
    const leg = legAt(visit.legs, t);
    if (leg) crowd[leg.place][isCalled(leg, t) ? "served" : "waiting"].push({ visit, leg });
  }
  for (const file of day.files) {
    const leg = legAt(file.legs, t);
    if (leg) crowd[leg.place].files.push({ file, leg });
  }
  for (const here of crowd) here.waiting.sort((a, b) => a.leg.ready - b.leg.ready);
  return crowd;
}

function figuresAt(day, t) {
  const figures = { inside: 0, waiting: 0, served: 0, left: 0, sentHome: 0, turnedAway: 0 };
  for (const visit of day.visits) {
    if (visit.arrive > t) break; // visits are in the order of coming
    if (t < visit.leave) {
      if (t >= visit.enter) figures.inside += 1;
      const leg = legAt(visit.legs, t);
      if (leg && !isCalled(leg, t)) figures.waiting += 1;
    } else if (visit.outcome === TRIP.served) figures.served += 1;
    else if (visit.outcome === TRIP.left) figures.left += 1;
    else if (visit.outcome === TRIP.sentHome) figures.sentHome += 1;
    else if (visit.outcome !== TRIP.inside) figures.turnedAway += 1;
  }
  return figures;
}

// The moment with most people inside, looked for every five minutes: a still picture shows it.
function busiestMoment(day) {
  let best = day.begin;
  let most = -1;
  for (let t = day.begin; t <= day.end; t += 300) {
    const { inside } = figuresAt(day, t);
    if (inside > most) [best, most] = [t, inside];
  }
  return best;
}
