// Dark and light. The system's choice holds until a person chooses.

const KEY = "oncilla-theme";

/** Makes the button switch the theme, and calls `changed` after each change. */
export function startTheme(control, changed) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  let chosen = null;
  try {
    chosen = localStorage.getItem(KEY);
  } catch {
    // A browser may keep nothing.
  }
  const isDark = () => (chosen ? chosen === "dark" : system.matches);
  const apply = () => {
    document.documentElement.dataset.theme = isDark() ? "dark" : "light";
    control.textContent = isDark() ? "Light" : "Dark";
    control.setAttribute("aria-label", isDark() ? "Light colours" : "Dark colours");
    changed();
  };
  control.addEventListener("click", () => {
    chosen = isDark() ? "light" : "dark";
    try {
      localStorage.setItem(KEY, chosen);
    } catch {
      // It holds until the page is closed.
    }
    apply();
  });
  system.addEventListener("change", apply);
  apply();
}
