// The floor plan: where each place stands on a canvas of a given width, made from the places of the day.

const ZONES = {
  desk: { column: 0, cell: 96, seat: 15, front: true },
  window: { column: 0, cell: 96, seat: 15, front: true },
  elsewhere: { column: 0, cell: 96, seat: 15, front: true },
  office: { column: 1, cell: 96, seat: 11, front: false },
  signature: { column: 1, cell: 96, seat: 11, front: false },
  transit: { column: 1, cell: 96, seat: 11, front: false },
  inspection: { column: 1, cell: 96, seat: 11, front: false },
};
const NARROW_PX = 640;
const FRONT_SHARE = 0.5;
const WIDEST_CELL = 2.2; // times the least width
const GAP_PX = 6;
const HEAD_PX = 20;
const STRIP_PX = 52;
const LINE_PX = 13;
const QUEUE_STEP = 10;
const TRAY_PX = 44;

function floorPlan(day, width, words, measure) {
  const zones = Object.keys(ZONES).filter((zone) => day.places.some((place) => place.zone === zone));
  const isNarrow = width < NARROW_PX;
  const plan = { width, height: 0, isNarrow, boxes: [], cells: [], strip: null };
  const hasBack = zones.some((zone) => ZONES[zone].column === 1);
  const hasFront = zones.some((zone) => ZONES[zone].column === 0);
  if (isNarrow) {
    plan.strip = { x: 0, y: 0, w: width, h: 34 };
    plan.height = stack(plan, day, zones, { x: 0, y: 40, w: width }, words, measure);
    return plan;
  }
  const inner = width - STRIP_PX - 8;
  const front = hasBack ? Math.round(inner * (hasFront ? FRONT_SHARE : 0)) : inner;
  const left = zones.filter((zone) => ZONES[zone].column === 0);
  const right = zones.filter((zone) => ZONES[zone].column === 1);
  const x = STRIP_PX + 8;
  const heights = [
    stack(plan, day, left, { x, y: 0, w: front }, words, measure),
    stack(plan, day, right, { x: x + front + 12, y: 0, w: inner - front - 12 }, words, measure),
  ];
  plan.height = Math.max(...heights, 160);
  plan.strip = { x: 0, y: 0, w: STRIP_PX, h: plan.height };
  return plan;
}

// Put zones one below the other; return where they end.
function stack(plan, day, zones, { x, y, w }, words, measure) {
  for (const zone of zones) {
    const members = day.places.map((place, index) => ({ place, index })).filter(({ place }) => place.zone === zone);
    const top = y;
    y = fillZone(plan, members, ZONES[zone], { x: x + GAP_PX, y: y + HEAD_PX, w: w - 2 * GAP_PX }, measure);
    plan.boxes.push({ x, y: top, w, h: y - top, title: words[`zone_${zone}`], zone });
    y += 10;
  }
  return y;
}

function fillZone(plan, members, style, { x, y, w }, measure) {
  const columns = Math.max(1, Math.min(members.length, Math.floor((w + GAP_PX) / (style.cell + GAP_PX))));
  const cellWidth = Math.min((w - (columns - 1) * GAP_PX) / columns, WIDEST_CELL * style.cell);
  const lines = members.some(({ place }) => measure(place.title) > cellWidth - 8) ? 2 : 1;
  for (let first = 0; first < members.length; first += columns) {
    const row = members.slice(first, first + columns);
    const made = row.map(({ place, index }, k) => {
      const box = { x: x + k * (cellWidth + GAP_PX), y, w: cellWidth };
      return makeCell(place, index, style, box, { lines, queueRows: plan.isNarrow ? 1 : 2 });
    });
    const height = made.reduce((most, cell) => Math.max(most, cell.h), 0);
    for (const cell of made) plan.cells[cell.index] = { ...cell, h: height };
    y += height + GAP_PX;
  }
  return y;
}

function makeCell(place, index, style, { x, y, w }, { lines, queueRows }) {
  const pitch = style.seat + 2;
  const perRow = Math.max(1, Math.floor((w - 8) / pitch));
  const rows = Math.ceil(place.seats / perRow);
  const seatsY = y + 5 + lines * LINE_PX;
  // A tray stands beside the seats where there is room, else below them; a queue always below.
  const width = Math.min(place.seats, perRow) * pitch;
  const isBeside = !style.front && w - width > TRAY_PX;
  const queueY = isBeside ? seatsY : seatsY + rows * pitch + (style.front ? 2 : 0);
  const height = style.front ? queueRows * QUEUE_STEP : isBeside ? Math.max(rows, 1) * pitch : pitch;
  const tray = isBeside ? width + 6 : 4;
  const seats = { pitch, perRow, seat: style.seat, seatsY };
  return { index, x, y, w, h: queueY + height + 4 - y, lines, ...seats, queueY, queueRows, front: style.front, tray };
}

function seatAt(cell, seat) {
  const x = cell.x + 4 + (seat % cell.perRow) * cell.pitch + cell.seat / 2;
  return [x, cell.seatsY + Math.floor(seat / cell.perRow) * cell.pitch + cell.seat / 2];
}

// Room for a queue: how many are drawn; the rest is written as a number.
function queueRoom(cell) {
  if (!cell.front) return Math.max(1, Math.floor((cell.w - cell.tray - 26) / 5));
  return cell.queueRows * Math.max(1, Math.floor((cell.w - 30) / QUEUE_STEP));
}

function queueAt(cell, slot) {
  if (!cell.front) return [cell.x + cell.tray + 4 + slot * 5, cell.queueY + cell.seat / 2];
  const perRow = Math.max(1, Math.floor((cell.w - 30) / QUEUE_STEP));
  const x = cell.x + 8 + (slot % perRow) * QUEUE_STEP;
  return [x, cell.queueY + 5 + Math.floor(slot / perRow) * QUEUE_STEP];
}

function doorAt(plan) {
  const { strip } = plan;
  return plan.isNarrow ? [strip.x + 14, strip.y + strip.h / 2] : [strip.x + strip.w / 2, strip.y + 40];
}

// Who fills in a form or walks about stands in the strip by the door; who came too early, outside of it.
function standingAt(plan, slot) {
  const { strip } = plan;
  if (plan.isNarrow) return [strip.x + strip.w - 10 - (slot % 24) * 11, strip.y + 11 + Math.floor(slot / 24) * 12];
  return [strip.x + 10 + (slot % 3) * 14, strip.y + 96 + Math.floor(slot / 3) * 13];
}

function outsideAt(plan, slot) {
  const [x, y] = doorAt(plan);
  return plan.isNarrow ? [x + 18 + (slot % 8) * 10, y - 6 + Math.floor(slot / 8) * 10] : [x - 18 + (slot % 4) * 12, 8 + Math.floor(slot / 4) * 9];
}
