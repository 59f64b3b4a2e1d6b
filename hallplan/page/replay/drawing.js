// Drawing: the floor on a canvas of its own, drawn when somebody comes on duty or goes; everybody on top, every frame.

// Okabe and Ito's colours (2008), as in the charts; on a dark page the lighter ones of the same set.
const LIGHT = { waits: "#d55e00", served: "#0072b2", file: "#009e73" };
const DARK = { waits: "#e69f00", served: "#56b4e9", file: "#2fc79a" };
const LABEL_PX = 11;

function paletteOf(element) {
  const style = getComputedStyle(element);
  const [ink, paper, shade, line] = ["--ink", "--paper", "--shade", "--line"].map((name) => {
    return style.getPropertyValue(name).trim();
  });
  return { ...(isDark(paper) ? DARK : LIGHT), ink, paper, shade, line, font: style.fontFamily };
}

function isDark(colour) {
  const context = document.createElement("canvas").getContext("2d");
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
  return 0.299 * r + 0.587 * g + 0.114 * b < 128;
}

function makeCanvas(canvas, plan) {
  const ratio = Math.min(window.devicePixelRatio || 1, 2);
  canvas.width = Math.round(plan.width * ratio);
  canvas.height = Math.round(plan.height * ratio);
  canvas.style.height = `${plan.height}px`;
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

// The floor as it is at a moment: with the seats of those on duty.
function drawFloor(context, { day, plan, colours, words }, t) {
  context.clearRect(0, 0, plan.width, plan.height);
  for (const box of plan.boxes) {
    context.fillStyle = colours.shade;
    context.beginPath();
    context.roundRect(box.x, box.y, box.w, box.h, 6);
    context.fill();
    context.fillStyle = colours.ink;
    context.font = `600 12px ${colours.font}`;
    context.fillText(fitted(context, box.title, box.w - 12), box.x + 7, box.y + 14);
  }
  context.font = `${LABEL_PX}px ${colours.font}`;
  for (const cell of plan.cells) {
    if (!cell) continue;
    context.fillStyle = colours.paper;
    context.strokeStyle = colours.line;
    context.lineWidth = 1;
    context.beginPath();
    context.roundRect(cell.x, cell.y, cell.w, cell.h, 4);
    context.fill();
    context.stroke();
    context.fillStyle = colours.ink;
    const title = linesOf(context, day.places[cell.index].title, cell.w - 8, cell.lines);
    title.forEach((text, k) => context.fillText(text, cell.x + 4, cell.y + LINE_PX * (k + 1)));
    drawSeats(context, cell, day.places[cell.index], colours, t);
  }
  drawDoor(context, plan, colours, words);
}

function drawDoor(context, plan, colours, words) {
  const [x, y] = doorAt(plan);
  context.strokeStyle = colours.ink;
  context.lineWidth = 2;
  context.beginPath();
  context.arc(x - 9, y + 10, 18, -Math.PI / 2, 0);
  context.moveTo(x - 9, y + 10);
  context.lineTo(x - 9, y - 8);
  context.stroke();
  context.fillStyle = colours.ink;
  context.font = `${LABEL_PX}px ${colours.font}`;
  if (!plan.isNarrow) context.fillText(words.door, x - context.measureText(words.door).width / 2, y + 26);
}

function fitted(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  let length = text.length;
  while (length > 1 && context.measureText(`${text.slice(0, length)}…`).width > width) length -= 1;
  return `${text.slice(0, length).trimEnd()}…`;
}

// Break a title into lines, at a space where it has one.
function linesOf(context, text, width, most) {
  if (most < 2 || context.measureText(text).width <= width) return [fitted(context, text, width)];
  let length = text.length;
  while (length > 1 && context.measureText(text.slice(0, length)).width > width) length -= 1;
  const space = text.lastIndexOf(" ", length);
  const first = space > 0 ? space : length;
  return [text.slice(0, first), fitted(context, text.slice(first).trim(), width)];
}

function drawFrame(context, scene) {
  const { plan, colours, motion, words, selected } = scene;
  context.clearRect(0, 0, plan.width, plan.height);
  context.font = `${LABEL_PX}px ${colours.font}`;
  for (const cell of plan.cells) {
    if (cell && motion.hidden[cell.index]) drawRest(context, cell, motion.hidden[cell.index], colours, words);
  }
  for (let token = 0; token < motion.x.length; token += 1) {
    if (motion.isShown[token]) drawToken(context, motion.kind[token], motion.x[token], motion.y[token], colours);
  }
  if (selected) drawSelection(context, scene);
}

function drawSeats(context, cell, place, colours, t) {
  const servers = serversAt(place, t);
  for (let seat = 0; seat < place.seats; seat += 1) {
    const [x, y] = seatAt(cell, seat);
    drawSeat(context, x, y, cell.seat, seat < servers, colours);
  }
}

function drawSeat(context, x, y, size, isOnDuty, colours) {
  context.lineWidth = 1;
  context.strokeStyle = colours.ink;
  context.globalAlpha = isOnDuty ? 0.85 : 0.35;
  context.strokeRect(x - size / 2 + 0.5, y - size / 2 + 0.5, size - 1, size - 1);
  if (!isOnDuty) {
    context.beginPath();
    context.moveTo(x - size / 2, y + size / 2);
    context.lineTo(x + size / 2, y - size / 2);
    context.stroke();
  }
  context.globalAlpha = 1;
}

function drawRest(context, cell, number, colours, words) {
  context.fillStyle = colours.ink;
  context.textAlign = "right";
  const y = cell.front ? cell.queueY + cell.queueRows * QUEUE_STEP - 1 : cell.queueY + cell.seat - 2;
  context.fillText(fill(words.more, { n: number }), cell.x + cell.w - 3, y);
  context.textAlign = "left";
}

function drawToken(context, kind, x, y, colours) {
  context.lineWidth = 1.5;
  if (kind >= KIND.inHand) {
    context.fillStyle = kind === KIND.inHand ? colours.file : colours.paper;
    context.strokeStyle = colours.file;
    context.fillRect(x - 3, y - 4, 6, 8);
    context.strokeRect(x - 3, y - 4, 6, 8);
    return;
  }
  if (kind === KIND.leaves) {
    context.strokeStyle = colours.waits;
    context.lineWidth = 2.5;
    context.beginPath();
    context.moveTo(x - 4, y - 4);
    context.lineTo(x + 4, y + 4);
    context.moveTo(x - 4, y + 4);
    context.lineTo(x + 4, y - 4);
    context.stroke();
    return;
  }
  context.beginPath();
  context.arc(x, y, kind === KIND.served ? 5 : 4, 0, 2 * Math.PI);
  context.fillStyle = kind === KIND.waits ? colours.waits : kind === KIND.served ? colours.served : colours.paper;
  context.fill();
  if (kind === KIND.moves) {
    context.strokeStyle = colours.ink;
    context.stroke();
  }
}

function drawSelection(context, { plan, motion, colours, selected, day }) {
  context.strokeStyle = colours.ink;
  context.lineWidth = 2.5;
  context.beginPath();
  if (selected.kind === "place") {
    const cell = plan.cells[selected.index];
    context.roundRect(cell.x, cell.y, cell.w, cell.h, 4);
  } else {
    const token = selected.index + (selected.kind === "file" ? day.visits.length : 0);
    if (!motion.isShown[token]) return;
    context.arc(motion.x[token], motion.y[token], 10, 0, 2 * Math.PI);
  }
  context.stroke();
}

function legendItems(words) {
  return [
    ["waits", words.legend_waits, KIND.waits],
    ["served", words.legend_served, KIND.served],
    ["moves", words.legend_moves, KIND.moves],
    ["leaves", words.legend_leaves, KIND.leaves],
    ["inHand", words.legend_file, KIND.inHand],
    ["fileWaits", words.legend_file_waits, KIND.fileWaits],
    ["free", words.legend_free, null],
    ["off", words.legend_off, null],
  ];
}

function drawLegendSign(canvas, name, kind, colours) {
  const context = makeCanvas(canvas, { width: 20, height: 20 });
  context.clearRect(0, 0, 20, 20);
  if (kind === null) drawSeat(context, 10, 10, 15, name === "free", colours);
  else drawToken(context, kind, 10, 10, colours);
}
