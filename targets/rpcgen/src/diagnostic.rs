//! What is wrong with a file, shown to a person.

use std::fmt;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::source::{Place, Sources};

/// Whether something is wrong, or merely worth knowing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Nothing is generated.
    Error,
    /// What was passed by.
    Note,
}

/// One thing to tell about a place.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// Whether it is an error.
    pub severity: Severity,
    /// What is the matter, in one line.
    pub message: String,
    /// Where.
    pub place: Place,
    /// What stands under the mark there, such as what was expected; may be empty.
    pub label: String,
    /// Another place that has to do with it, and what it is.
    pub other: Option<Box<(Place, String)>>,
    /// What to do.
    pub help: Option<String>,
}

impl Diagnostic {
    pub(crate) fn error(place: Place, message: impl Into<String>) -> Self {
        let (message, label) = (message.into(), String::new());
        Self { severity: Severity::Error, message, place, label, other: None, help: None }
    }

    pub(crate) fn note(place: Place, message: impl Into<String>) -> Self {
        Self { severity: Severity::Note, ..Self::error(place, message) }
    }

    pub(crate) fn label(self, label: impl Into<String>) -> Self {
        Self { label: label.into(), ..self }
    }

    pub(crate) fn other(self, place: Place, label: impl Into<String>) -> Self {
        Self { other: Some(Box::new((place, label.into()))), ..self }
    }

    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// Shows it with the lines of the source, as rustc does; `styled` is for terminals.
    #[must_use]
    pub fn render(&self, sources: &Sources, styled: bool) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Note => Level::NOTE,
        };
        let primary = AnnotationKind::Primary.span(self.place.range()).label(self.label.as_str());
        let mut snippets = vec![snippet(sources, self.place).annotation(primary)];
        if let Some((place, label)) = self.other.as_deref() {
            let other = AnnotationKind::Context.span(place.range()).label(label.as_str());
            if place.file == self.place.file {
                snippets = snippets.into_iter().map(|snippet| snippet.annotation(other.clone())).collect();
            } else {
                snippets.push(snippet(sources, *place).annotation(other));
            }
        }
        let help = self.help.iter().map(|help| Level::HELP.message(help.as_str()));
        let group = level.primary_title(self.message.as_str()).elements(snippets).elements(help);
        let renderer = if styled { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group]).to_string()
    }
}

fn snippet(sources: &Sources, place: Place) -> Snippet<'_, annotate_snippets::Annotation<'_>> {
    let source = sources.of(place);
    Snippet::source(source.text.as_str()).path(source.path.to_string_lossy())
}

/// Files, and what there is to tell about them.
///
/// `Debug` is the same as `Display`, since it is what a build script shows whose `main` returns an error.
#[derive(Clone, Default)]
pub struct Report {
    /// The files.
    pub sources: Sources,
    /// Errors and notes, in the order in which they were found.
    pub diagnostics: Vec<Diagnostic>,
}

impl Report {
    /// The errors.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// The notes.
    pub fn notes(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Note)
    }

    /// Shows the errors, and says how many there are.
    #[must_use]
    pub fn render_errors(&self, styled: bool) -> String {
        let mut parts: Vec<_> = self.errors().map(|error| error.render(&self.sources, styled)).collect();
        let path = self.sources.all().first().map(|source| source.path.display().to_string()).unwrap_or_default();
        parts.push(match parts.len() {
            1 => format!("{path}: 1 error"),
            count => format!("{path}: {count} errors"),
        });
        parts.join("\n\n")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.render_errors(false))
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl std::error::Error for Report {}
