// Stories: what a visitor, a file or a counter has been through until a moment, in words.

function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (gap, name) => (name in values ? String(values[name]) : gap));
}

function clockText(t) {
  const minutes = Math.floor((((t % DAY_S) + DAY_S) % DAY_S) / 60);
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}

const minutesOf = (seconds) => Math.round(seconds / 60);

function visitStory(day, words, index, t) {
  const visit = day.visits[index];
  const lines = [];
  const add = (moment, key, values = {}) => {
    if (moment <= t) lines.push(fill(words[key], { time: clockText(moment), ...values }));
  };
  add(visit.arrive, "came");
  if (visit.enter > visit.arrive) add(visit.enter, "let_in", { minutes: minutesOf(visit.enter - visit.arrive) });
  for (const leg of visit.legs) addLeg(day, words, leg, t, add, lines);
  if (visit.leave <= t) addGoing(visit, add);
  else if (t >= day.end) lines.push(words.still_inside);
  const kind = { service: day.services[visit.service], purpose: day.purposes[visit.purpose] };
  return {
    title: fill(words.visitor, { number: visit.number }),
    about: [
      fill(words.visitor_kind, { ...kind, channel: day.channels[visit.channel] }),
      ...(visit.trip > 1 ? [words.again] : []),
    ],
    lines,
  };
}

function addLeg(day, words, leg, t, add, lines) {
  const pool = day.places[leg.place].title;
  const waited = { minutes: minutesOf(leg.start - leg.ready), pool };
  if (leg.outcome === LEG.full) {
    add(leg.ready, "full", { pool });
    return;
  }
  add(leg.ready, "joined", { pool });
  if (leg.seat < 0) {
    const ending = { [LEG.left]: "gave_up", [LEG.sentHome]: "was_sent_home" }[leg.outcome];
    if (ending) add(leg.start, ending, waited);
    if (leg.ready <= t && t < leg.start) lines.push(fill(words.waits_now, { minutes: minutesOf(t - leg.ready) }));
    return;
  }
  add(leg.start, "called", waited);
  if (leg.ready <= t && t < leg.start) lines.push(fill(words.waits_now, { minutes: minutesOf(t - leg.ready) }));
  if (leg.start <= t && t < leg.end) lines.push(words.served_now);
  if (leg.outcome === LEG.interrupted) add(leg.end, "interrupted");
  else if (leg.outcome === LEG.served) add(leg.end, "done", { minutes: minutesOf(leg.end - leg.start) });
}

function addGoing(visit, add) {
  const key = { [TRIP.served]: "went_served", [TRIP.left]: "went_left", [TRIP.full]: "went_full" };
  Object.assign(key, { [TRIP.shut]: "went_shut", [TRIP.sentHome]: "went_sent_home" });
  if (visit.outcome in key) add(visit.leave, key[visit.outcome]);
}

function fileStory(day, words, index, t) {
  const file = day.files[index];
  const lines = [];
  const add = (moment, key, values = {}) => {
    if (moment <= t && moment >= 0) lines.push(fill(words[key], { time: clockText(moment), ...values }));
  };
  for (const leg of file.legs) {
    const { title, zone } = day.places[leg.place];
    if (zone === "transit") {
      add(leg.ready, "file_waits_for", { timetable: title });
      add(leg.end, "file_departed");
    } else {
      add(leg.ready, "file_joined", { pool: title });
      if (leg.seat >= 0) add(leg.start, "file_called", { minutes: minutesOf(leg.start - leg.ready) });
      if (leg.outcome === LEG.served) add(leg.end, "file_done", { minutes: minutesOf(leg.end - leg.start) });
    }
  }
  const title = fill(words.file, { number: file.number });
  return { title, about: [fill(words.file_kind, { service: day.services[file.service] })], lines };
}

function placeStory(day, words, index, t) {
  const place = day.places[index];
  const here = crowdAt(day, t)[index];
  const servers = serversAt(place, t);
  const counts = { servers, served: here.served.length, waiting: here.waiting.length, files: here.files.length };
  const files = fill(words.pool_files, counts);
  if (!ZONES[place.zone].front) {
    return { title: place.title, about: [...(place.seats ? [fill(words.office_now, counts)] : []), files], lines: [] };
  }
  const legs = day.visits.flatMap((visit) => visit.legs.filter((leg) => leg.place === index && leg.ready <= t));
  const done = legs.filter((leg) => leg.outcome === LEG.served && leg.end <= t).length;
  const about = [
    fill(servers ? words.pool_now : words.off_duty_now, counts),
    fill(words.pool_so_far, { n: legs.length, served: done, inside: here.served.length + here.waiting.length }),
    ...(here.files.length ? [files] : []),
  ];
  const people = [...here.served, ...here.waiting].map(({ visit }) => visit.number - 1);
  return { title: place.title, about, lines: [], people };
}
