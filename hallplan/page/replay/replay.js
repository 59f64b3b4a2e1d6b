// The component: controls, clock, figures and stories around the canvas.

const SPEEDS = [1, 5, 10, 30]; // simulated minutes in a second
const ARROW_S = 300;
const REFRESH_MS = 500;
const FIGURES = [
  ["inside", "inside"],
  ["waiting", "waiting"],
  ["served", "served"],
  ["left", "left"],
  ["sentHome", "sent_home"],
  ["turnedAway", "turned_away"],
];
const instances = new WeakMap();

class Replay {
  constructor(root) {
    this.root = root;
    const parts = [root, ...root.querySelectorAll("[data-part]")];
    this.parts = Object.fromEntries(parts.map((part) => [part.dataset.part, part]));
    this.speed = 5;
    this.isPlaying = false;
    this.isInView = true;
    this.selected = null;
    this.text = "";
    const { play, scrub, speed, hall, canvas } = this.parts;
    play.addEventListener("click", () => this.toggle());
    scrub.addEventListener("input", () => this.jump(Number(scrub.value)));
    speed.addEventListener("change", () => { this.speed = Number(speed.value); });
    hall.addEventListener("keydown", (event) => this.onKey(event));
    canvas.addEventListener("click", (event) => this.onClick(event));
    this.resizing = new ResizeObserver(() => this.layOut());
    this.resizing.observe(hall);
    this.viewing = new IntersectionObserver(([entry]) => this.onView(entry.isIntersecting));
    this.viewing.observe(hall);
  }

  stop() {
    this.pause();
    this.resizing.disconnect();
    this.viewing.disconnect();
  }

  // Take over a day and its words; the same day in another language or theme goes on where it was.
  show({ day, words }) {
    const isNew = day !== this.text;
    const before = this.day;
    this.words = words;
    if (isNew) {
      this.text = day;
      this.day = readDay(day);
      this.motion = makeMotion(this.day);
      if (before?.date !== this.day.date || before.visits.length !== this.day.visits.length) {
        this.selected = null;
        this.t = busiestMoment(this.day);
        this.isAsked = false;
      }
    }
    this.label();
    this.layOut();
    if (isNew && !this.isAsked && this.isInView) this.begin();
  }

  // Play from the beginning by itself, once, unless the reader's system asks for less motion.
  begin() {
    this.isAsked = true;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    this.jump(this.day.begin);
    this.play();
  }

  onView(isInView) {
    this.isInView = isInView;
    if (isInView && this.day && !this.isAsked) this.begin();
    else if (isInView && this.isPlaying) this.loop();
  }

  label() {
    const { words, parts } = this;
    parts.root.setAttribute("aria-label", words.title);
    parts.scrub.setAttribute("aria-label", words.scrub);
    parts.scrub.min = this.day.begin;
    parts.scrub.max = this.day.end;
    parts.clock.setAttribute("aria-label", words.clock);
    parts.hall.setAttribute("aria-label", `${words.title}. ${words.keys}`);
    parts["speed-label"].textContent = words.speed;
    const keys = element("span", words.keys);
    keys.className = "keys";
    parts.hint.replaceChildren(`${words.hint} `, keys);
    parts.summary.textContent = words.table;
    parts.scroll.setAttribute("aria-label", words.table);
    parts.speed.replaceChildren(...SPEEDS.map((speed) => new Option(fill(words.speed_label, { n: speed }), speed)));
    parts.speed.value = this.speed;
    const heads = ["pool", "on_duty", "served", "waiting", "files"].map((name) => element("th", words[`table_${name}`]));
    parts.head.replaceChildren(element("tr", ...heads));
    this.labelPlay();
    this.makeRows();
    this.makeFigures();
  }

  labelPlay() {
    this.parts.play.textContent = this.isPlaying ? this.words.pause : this.words.play;
    this.parts.play.setAttribute("aria-pressed", String(this.isPlaying));
    this.parts.story.setAttribute("aria-live", this.isPlaying ? "off" : "polite");
  }

  makeFigures() {
    this.figures = FIGURES.map(([name, word]) => {
      const value = element("dd");
      const pair = element("div", element("dt", this.words[word]), value);
      return { name, value, pair };
    });
    this.parts.figures.replaceChildren(...this.figures.map(({ pair }) => pair));
  }

  makeRows() {
    this.rows = this.day.places.map((place, index) => {
      const button = element("button", place.title);
      button.type = "button";
      button.addEventListener("click", () => this.select({ kind: "place", index }));
      const cells = ["on_duty", "served", "waiting", "files"].map(() => element("td"));
      return { cells, row: element("tr", element("td", button), ...cells) };
    });
    this.parts.rows.replaceChildren(...this.rows.map(({ row }) => row));
  }

  layOut() {
    const width = this.parts.hall.clientWidth;
    if (!this.day || !width) return;
    this.colours = paletteOf(this.parts.root);
    const measuring = this.parts.floor.getContext("2d");
    measuring.font = `${LABEL_PX}px ${this.colours.font}`;
    const measure = (text) => measuring.measureText(text).width;
    this.plan = floorPlan(this.day, width, this.words, measure);
    this.context = makeCanvas(this.parts.canvas, this.plan);
    this.floor = makeCanvas(this.parts.floor, this.plan);
    this.onDuty = "";
    const signs = legendItems(this.words).map(([name, text, kind]) => {
      const canvas = element("canvas");
      drawLegendSign(canvas, name, kind, this.colours);
      canvas.setAttribute("aria-hidden", "true");
      return element("li", canvas, text);
    });
    this.parts.legend.replaceChildren(...signs);
    this.motion.isShown.fill(0);
    this.draw(0);
    this.report();
  }

  toggle() {
    this.isAsked = true;
    if (this.isPlaying) this.pause();
    else {
      if (this.t >= this.day.end) this.jump(this.day.begin);
      this.play();
    }
  }

  play() {
    this.isPlaying = true;
    this.labelPlay();
    this.loop();
  }

  pause() {
    this.isPlaying = false;
    cancelAnimationFrame(this.frame);
    if (this.words) this.labelPlay();
    if (this.plan) this.report();
  }

  loop() {
    cancelAnimationFrame(this.frame);
    let before = performance.now();
    const tick = (now) => {
      if (!this.isPlaying || !this.isInView) return;
      const seconds = Math.min(Math.max(now - before, 0) / 1000, 0.1);
      before = now;
      this.advance(seconds);
      this.frame = requestAnimationFrame(tick);
    };
    this.frame = requestAnimationFrame(tick);
  }

  // Let so much real time pass.
  advance(seconds) {
    this.t = Math.min(this.t + seconds * this.speed * 60, this.day.end);
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.draw(isStill ? 0 : seconds);
    if (performance.now() - (this.reported ?? 0) > REFRESH_MS) this.report();
    if (this.t >= this.day.end) this.pause();
  }

  jump(t) {
    this.isAsked = true;
    this.t = Math.min(Math.max(t, this.day.begin), this.day.end);
    if (!this.plan) return;
    this.draw(0);
    this.report();
  }

  draw(seconds) {
    const onDuty = this.day.places.map((place) => serversAt(place, this.t)).join();
    if (onDuty !== this.onDuty) drawFloor(this.floor, this, this.t);
    this.onDuty = onDuty;
    moveTo(this.motion, this.day, this.plan, this.t, seconds);
    drawFrame(this.context, this);
    this.parts.clock.textContent = clockText(this.t);
    this.parts.scrub.value = this.t;
    const figures = figuresAt(this.day, this.t);
    for (const { name, value, pair } of this.figures) {
      if (value.textContent !== String(figures[name])) value.textContent = figures[name];
      pair.hidden = name === "turnedAway" && !figures.turnedAway;
    }
  }

  // What changes less often than the picture: the table, the story, and what a screen reader is told.
  report() {
    this.reported = performance.now();
    const time = clockText(this.t);
    const figures = figuresAt(this.day, this.t);
    const moment = fill(this.words.at_moment, { time, ...figures });
    this.parts.scrub.setAttribute("aria-valuetext", time);
    this.parts.moment.textContent = moment;
    this.parts.canvas.setAttribute("aria-label", moment);
    const crowd = crowdAt(this.day, this.t);
    this.rows.forEach(({ cells }, index) => {
      const place = this.day.places[index];
      const { served, waiting, files } = crowd[index];
      const numbers = [place.seats ? serversAt(place, this.t) : "–", served.length, waiting.length, files.length];
      numbers.forEach((number, k) => { cells[k].textContent = number; });
    });
    this.tell();
  }

  select(selected) {
    this.selected = selected;
    this.draw(0);
    this.tell();
  }

  // The story of what is selected, up to the moment.
  tell() {
    const { story } = this.parts;
    story.hidden = !this.selected;
    if (!this.selected) return;
    const { kind, index } = this.selected;
    const write = { visit: visitStory, file: fileStory, place: placeStory }[kind];
    const { title, about, lines, people } = write(this.day, this.words, index, this.t);
    const signature = JSON.stringify([title, about, lines, people]);
    if (signature === this.told) return;
    this.told = signature;
    const closing = element("button", "✕");
    closing.type = "button";
    closing.setAttribute("aria-label", this.words.close);
    closing.addEventListener("click", () => this.select(null));
    const parts = [element("header", element("h3", title), closing), ...about.map((text) => element("p", text))];
    if (lines.length) parts.push(element("ol", ...lines.map((text) => element("li", text))));
    if (people) parts.push(...this.peopleButtons(people));
    story.replaceChildren(...parts);
  }

  peopleButtons(people) {
    if (!people.length) return [element("p", this.words.pool_nobody)];
    const buttons = people.map((index) => {
      const button = element("button", String(index + 1));
      button.type = "button";
      button.setAttribute("aria-label", fill(this.words.visitor, { number: index + 1 }));
      button.addEventListener("click", () => this.select({ kind: "visit", index }));
      return button;
    });
    const box = element("div", ...buttons);
    box.className = "people";
    return [element("p", this.words.pool_people), box];
  }

  onKey(event) {
    const jumps = { ArrowLeft: this.t - ARROW_S, ArrowRight: this.t + ARROW_S, Home: this.day.begin, End: this.day.end };
    if (event.key === " ") this.toggle();
    else if (event.key in jumps) this.jump(jumps[event.key]);
    else if (event.key === "Escape") this.select(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  onClick(event) {
    const frame = this.parts.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - frame.left, event.clientY - frame.top];
    const token = tokenAt(this.motion, x, y);
    const visits = this.day.visits.length;
    if (token >= visits) this.select({ kind: "file", index: token - visits });
    else if (token >= 0) this.select({ kind: "visit", index: token });
    else {
      const cell = this.plan.cells.find((c) => c && c.x <= x && x <= c.x + c.w && c.y <= y && y <= c.y + c.h);
      this.select(cell ? { kind: "place", index: cell.index } : null);
    }
  }

  // Draw frames over the whole day, and return the milliseconds that each took, the painting included.
  measure(frames) {
    this.pause();
    this.jump(this.day.begin);
    const seconds = (this.day.end - this.day.begin) / (frames * this.speed * 60);
    return Array.from({ length: frames }, () => {
      const begun = performance.now();
      this.advance(Math.max(seconds, 1 / 60));
      this.context.getImageData(0, 0, 1, 1); // waits until the frame is painted
      return performance.now() - begun;
    });
  }
}

function element(name, ...children) {
  const made = document.createElement(name);
  made.append(...children);
  return made;
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".replay");
  if (!instances.has(root)) {
    instances.set(root, new Replay(root));
    root.replay = instances.get(root); // for tests, and for who measures
  }
  const replay = instances.get(root);
  replay.show(data);
  return () => {
    replay.stop();
    instances.delete(root);
  };
}
