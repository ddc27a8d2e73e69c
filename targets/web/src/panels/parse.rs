//! Reads files with panels.

use serde::Deserialize;
use toml::Spanned;

use super::{Panel, PanelError, Panels};

/// The largest file in bytes.
const FILE_MAX: usize = 1 << 20;

/// The most panels of a file.
const PANELS_MAX: usize = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default, rename = "panel")]
    panels: Vec<Spanned<Panel>>,
}

impl Panels {
    /// Parses the text of a file. `file` is its name, for errors.
    ///
    /// ```
    /// use oncilla_web::panels::Panels;
    ///
    /// let error = Panels::parse("oven.toml", "[[panel]]\nkind = \"dial\"\nprocedure = \"oven.read\"").unwrap_err();
    /// assert!(error.to_string().starts_with("oven.toml, line 2: unknown variant `dial`"), "{error}");
    /// ```
    ///
    /// # Errors
    /// The text is no TOML, or has keys or kinds that panels do not have.
    pub fn parse(file: &str, text: &str) -> Result<Self, PanelError> {
        let at = |place: usize, what: &dyn std::fmt::Display| {
            PanelError(format!("{file}, line {}: {what}", line_of(text, place)))
        };
        if text.len() > FILE_MAX {
            return Err(PanelError(format!("{file} has {} bytes, and at most {FILE_MAX} are read", text.len())));
        }
        let parsed: File = toml::from_str(text)
            .map_err(|error| at(error.span().map_or(0, |span| span.start), &error.message().trim()))?;
        if parsed.panels.len() > PANELS_MAX {
            let count = parsed.panels.len();
            return Err(PanelError(format!("{file} has {count} panels, and a page shows at most {PANELS_MAX}")));
        }
        for panel in &parsed.panels {
            // JSON, in which a page without a server has the panels, cannot represent them.
            if let Some((key, value)) = panel.get_ref().not_finite() {
                return Err(at(panel.span().start, &format_args!("`{key}` is a finite number, not {value}")));
            }
        }
        let panels = parsed.panels.into_iter().map(|panel| (line_of(text, panel.span().start), panel.into_inner()));
        Ok(Self { file: file.to_owned(), panels: panels.collect() })
    }
}

impl Panel {
    /// Returns a number that is infinite or no number, with its key.
    fn not_finite(&self) -> Option<(&'static str, f64)> {
        let numbers =
            [("low", self.low), ("high", self.high), ("step", self.step), ("scale", self.scale), ("every", self.every)];
        numbers
            .into_iter()
            .find_map(|(key, number)| number.filter(|value| !value.is_finite()).map(|value| (key, value)))
    }
}

/// Returns the number of the line of a place, from 1.
fn line_of(text: &str, place: usize) -> usize {
    text.bytes().take(place).filter(|&byte| byte == b'\n').count() + 1
}
