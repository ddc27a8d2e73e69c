// Plotted numbers as CSV: a row for each time, a column for each number.

/** Quotes a cell (RFC 4180). A text that a spreadsheet would take for a formula gets an apostrophe. */
function cell(text) {
  const harmless = /^[=+@\t\r-]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Returns the CSV of polls. Numbers of one poll have the same times. */
export function csvOf(polls) {
  const lines = polls.flatMap((poll) => poll.lines);
  const rows = [];
  for (const poll of polls) {
    // A number that was plotted later has fewer points, at the end.
    const longest = Math.max(0, ...poll.lines.map((line) => line.series.length));
    const timed = poll.lines.find((line) => line.series.length === longest);
    for (let at = 0; at < longest; at += 1) {
      const values = new Map();
      for (const line of poll.lines) {
        const place = at - (longest - line.series.length);
        if (place >= 0 && Number.isFinite(line.series.value(place))) values.set(line, line.series.value(place));
      }
      rows.push([timed.series.time(at), values]);
    }
  }
  rows.sort(([one], [other]) => one - other);
  const head = ["time", ...lines.map((line) => cell(line.name))].join(",");
  const body = rows.map(([time, values]) => [new Date(time).toISOString(), ...lines.map((line) => values.get(line) ?? "")].join(","));
  return `${[head, ...body].join("\r\n")}\r\n`;
}
