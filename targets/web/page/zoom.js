// Pointer and keys on a plot: drag to zoom, wheel, arrows.

/** The shortest drag that is one, in pixels. */
const DRAG = 6;

export function watchPointer(canvas, plots) {
  let start = null;
  const place = (event) => event.clientX - canvas.getBoundingClientRect().left;
  canvas.addEventListener("pointerdown", (event) => {
    start = place(event);
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (start === null || Math.abs(place(event) - start) < DRAG) return;
    plots.select([plots.timeAt(start), plots.timeAt(place(event))]);
  });
  canvas.addEventListener("pointerup", (event) => {
    if (start === null) return;
    const [from, to] = [plots.timeAt(start), plots.timeAt(place(event))].sort((one, other) => one - other);
    const isDrag = Math.abs(place(event) - start) >= DRAG;
    start = null;
    plots.select(null);
    if (isDrag) plots.show([from, Math.max(to, from + 50)]);
  });
  canvas.addEventListener("pointercancel", () => {
    start = null;
    plots.select(null);
  });
  canvas.addEventListener("dblclick", () => plots.show(null));
  canvas.addEventListener("wheel", (event) => {
    // Without a key, the wheel moves the page.
    if (!event.ctrlKey && !event.shiftKey) return;
    event.preventDefault();
    plots.zoom(event.deltaY > 0 ? 1.25 : 0.8, plots.timeAt(place(event)));
  }, { passive: false });
  const keys = {
    "+": () => plots.zoom(0.5),
    "=": () => plots.zoom(0.5),
    "-": () => plots.zoom(2),
    0: () => plots.show(null),
    " ": () => plots.pause(),
    ArrowLeft: () => plots.move(-0.2),
    ArrowRight: () => plots.move(0.2),
  };
  canvas.addEventListener("keydown", (event) => {
    if (!keys[event.key] || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    keys[event.key]();
  });
}
