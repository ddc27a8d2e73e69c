// The drawing of series over time, on a canvas.

import { clock } from "./dom.js";

/** The space for the numbers at the left and the times below, in pixels. */
const LEFT = 64;
const BELOW = 22;
const ABOVE = 8;

/** Returns the colours of the theme. */
export function coloursOf(node) {
  const style = getComputedStyle(node);
  const colour = (name) => style.getPropertyValue(name).trim();
  const lines = [];
  for (let number = 1; number <= 8; number += 1) lines.push(colour(`--line-${number}`));
  return { lines, grid: colour("--edge"), text: colour("--weak"), ground: colour("--panel"), font: style.fontFamily };
}

/** Returns the round numbers between two, about so many. */
function ticks(low, high, about) {
  const rough = (high - low) / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough) * power;
  const found = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high && found.length < 50; tick += step) found.push(tick);
  return found;
}

/** The steps between times, in milliseconds. */
const TIMES = [100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 3e4, 6e4, 12e4, 3e5, 6e5, 12e5, 36e5, 72e5, 144e5, 864e5];

/** Writes a number in few characters. */
export function brief(number) {
  if (!Number.isFinite(number)) return "–";
  const size = Math.abs(number);
  if (size !== 0 && (size >= 1e7 || size < 1e-4)) return number.toExponential(3);
  return String(Number(number.toPrecision(7)));
}

/** Writes a number for people to read: integers with all digits, as far as a number has them exactly. */
export function figure(number) {
  return Number.isSafeInteger(number) ? String(number) : brief(number);
}

/**
 * Draws lines, each {series, dash, colour}, between two times. With `isOwn`, each line has its own scale. Returns what is
 * where: {left, width, from, to}.
 */
export function draw(canvas, { width, height, scale }, lines, [from, to], colours, { selection = null, isOwn = false } = {}) {
  const pixels = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== pixels[0] || canvas.height !== pixels[1]) [canvas.width, canvas.height] = pixels;
  const pen = canvas.getContext("2d", { alpha: false });
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.fillStyle = colours.ground;
  pen.fillRect(0, 0, width, height);
  const inner = { left: LEFT, width: width - LEFT - 8, top: ABOVE, height: height - ABOVE - BELOW, from, to };
  const [low, high] = bounds(lines, from, to);
  const x = (time) => inner.left + ((time - from) / (to - from)) * inner.width;
  const upright = (least, largest) => (value) => inner.top + (1 - (value - least) / (largest - least)) * inner.height;
  pen.font = `12px ${colours.font}`;
  pen.lineWidth = 1;
  pen.strokeStyle = colours.grid;
  pen.fillStyle = colours.text;
  grid(pen, inner, isOwn ? null : [low, high], x, upright(low, high));
  pen.save();
  pen.beginPath();
  pen.rect(inner.left, 0, inner.width, height - BELOW);
  pen.clip();
  pen.lineWidth = 1.75;
  pen.lineJoin = "bevel";
  for (const line of lines) {
    pen.strokeStyle = line.colour;
    pen.setLineDash(line.dash);
    stroke(pen, line.series, inner, x, isOwn ? upright(...bounds([line], from, to)) : upright(low, high));
  }
  pen.restore();
  if (selection) {
    pen.globalAlpha = 0.2;
    pen.fillStyle = colours.text;
    const [one, other] = selection.map(x);
    pen.fillRect(Math.min(one, other), inner.top, Math.abs(other - one), inner.height);
    pen.globalAlpha = 1;
  }
  return inner;
}

/** Returns the least and the largest value that is seen, with some room. */
function bounds(lines, from, to) {
  let [low, high] = [Infinity, -Infinity];
  for (const { series } of lines) {
    const [least, largest] = series.range(from, to);
    low = Math.min(low, least);
    high = Math.max(high, largest);
  }
  if (low > high) return [0, 1];
  const room = high > low ? (high - low) * 0.06 : Math.abs(high) * 0.1 || 1;
  return [low - room, high + room];
}

/** Draws the grid with its numbers and times. Lines with scales of their own have no numbers. */
function grid(pen, inner, scale, x, y) {
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  pen.beginPath();
  for (const tick of scale ? ticks(...scale, Math.max(2, inner.height / 45)) : []) {
    const at = Math.round(y(tick)) + 0.5;
    pen.moveTo(inner.left, at);
    pen.lineTo(inner.left + inner.width, at);
    pen.fillText(brief(tick), inner.left - 6, at);
  }
  const length = inner.to - inner.from;
  const step = TIMES.find((time) => length / time <= Math.max(2, inner.width / 90)) ?? TIMES.at(-1);
  pen.textAlign = "center";
  pen.textBaseline = "top";
  for (let time = Math.ceil(inner.from / step) * step; time <= inner.to; time += step) {
    const at = Math.round(x(time)) + 0.5;
    pen.moveTo(at, inner.top);
    pen.lineTo(at, inner.top + inner.height);
    pen.fillText(clock(time, step < 1000 ? 3 : 0), at, inner.top + inner.height + 5);
  }
  pen.stroke();
}

/** Draws a line. Where a column of pixels has several points, their least and largest are drawn. */
function stroke(pen, series, inner, x, y) {
  const first = Math.max(0, series.from(inner.from) - 1);
  let column = null;
  let isOpen = false;
  pen.beginPath();
  const flush = () => {
    if (!column) return;
    if (isOpen) pen.lineTo(column.at, y(column.first));
    else pen.moveTo(column.at, y(column.first));
    if (column.low < column.first || column.high > column.first) {
      pen.lineTo(column.at, y(column.low));
      pen.lineTo(column.at, y(column.high));
      pen.lineTo(column.at, y(column.last));
    }
    isOpen = true;
    column = null;
  };
  for (let at = first; at < series.length; at += 1) {
    const [time, value] = [series.time(at), series.value(at)];
    if (!Number.isFinite(value)) {
      flush();
      isOpen = false;
      continue;
    }
    const place = Math.round(x(time));
    if (column && column.at !== place) flush();
    if (column) {
      column.low = Math.min(column.low, value);
      column.high = Math.max(column.high, value);
      column.last = value;
    } else {
      column = { at: place, first: value, low: value, high: value, last: value };
    }
    if (time > inner.to) break;
  }
  flush();
  pen.stroke();
}
