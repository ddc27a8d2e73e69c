//! Errors and notes about a file, and how they are printed.

use std::fmt;
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Level, Origin, Renderer, Snippet};

use crate::excerpt::Excerpt;
use crate::harmless::harmless;
use crate::source::{Place, Sources};

/// The largest number of errors that are printed. A text with more usually has one error repeated.
const SHOWN_MAX: usize = 100;
/// The largest number of characters of a message that are printed.
const MESSAGE_MAX: usize = 300;

/// Whether a diagnostic is an error or a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// No Rust is generated.
    Error,
    /// Something was skipped or assumed.
    Note,
}

/// An error or a note about a place in a file.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// Whether this is an error.
    pub severity: Severity,
    /// The message, in one line.
    pub message: String,
    /// The place that the message is about.
    pub place: Place,
    /// The text under the mark there, such as what was expected. May be empty.
    pub label: String,
    /// A related place, and its text.
    pub other: Option<Box<(Place, String)>>,
    /// What to do.
    pub help: Option<String>,
}

impl Diagnostic {
    /// Returns an error about a place.
    #[must_use]
    pub fn error(place: Place, message: impl Into<String>) -> Self {
        let (message, label) = (message.into(), String::new());
        Self { severity: Severity::Error, message, place, label, other: None, help: None }
    }

    pub(crate) fn note(place: Place, message: impl Into<String>) -> Self {
        Self { severity: Severity::Note, ..Self::error(place, message) }
    }

    /// Sets the text under the mark.
    #[must_use]
    pub fn label(self, label: impl Into<String>) -> Self {
        Self { label: label.into(), ..self }
    }

    /// Adds a related place, and its text.
    #[must_use]
    pub fn other(self, place: Place, label: impl Into<String>) -> Self {
        Self { other: Some(Box::new((place, label.into()))), ..self }
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// Renders the message with lines of the source, like rustc; `styled` is for terminals.
    ///
    /// A long line is cut to the width of a terminal. Characters that a terminal would obey are escaped ([`harmless`]).
    #[must_use]
    pub fn render(&self, sources: &Sources, styled: bool) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Note => Level::NOTE,
        };
        let (message, label) = (shown(&self.message), shown(&self.label));
        let help = self.help.as_deref().map(shown);
        let other = self.other.as_deref().map(|(place, label)| (*place, shown(label)));
        let near = other.as_ref().filter(|(place, _)| place.file == self.place.file);
        let far = other.as_ref().filter(|(place, _)| place.file != self.place.file);
        let places: Vec<_> = [self.place].into_iter().chain(near.map(|(place, _)| *place)).collect();
        let (origin, mut snippet, marks) = snippet(sources, &places);
        let labels = [&label].into_iter().chain(near.map(|(_, label)| label));
        let kinds = [AnnotationKind::Primary, AnnotationKind::Context];
        for ((kind, mark), label) in kinds.into_iter().zip(marks).zip(labels) {
            snippet = snippet.annotation(kind.span(mark).label(label.as_str()));
        }
        let mut group = level.primary_title(message.as_str()).elements(origin).element(snippet);
        if let Some((place, label)) = far {
            let (origin, snippet, marks) = self::snippet(sources, &[*place]);
            let marks = marks.into_iter().map(|mark| AnnotationKind::Context.span(mark).label(label.as_str()));
            group = group.elements(origin).element(snippet.annotations(marks));
        }
        group = group.elements(help.as_deref().map(|help| Level::HELP.message(help)));
        let renderer = if styled { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group]).to_string()
    }
}

type Shown<'a> = (Option<Origin<'a>>, Snippet<'a, Annotation<'a>>, Vec<Range<usize>>);

/// Returns the lines around the places, the places in them, and the origin if the lines do not show it.
fn snippet(sources: &Sources, places: &[Place]) -> Shown<'static> {
    let source = sources.of(places[0]);
    let Excerpt { line, origin, text, marks } = Excerpt::new(source, places);
    let path = shown(&source.path.to_string_lossy());
    let snippet = Snippet::source(text).line_start(line);
    match origin {
        Some((line, column)) => (Some(Origin::path(path).line(line).char_column(column)), snippet, marks),
        None => (None, snippet.path(path), marks),
    }
}

/// Makes a text harmless and limits its length. Names may be as long as a file.
fn shown(text: &str) -> String {
    let text = harmless(text);
    match text.char_indices().nth(MESSAGE_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into_owned(),
    }
}

/// The files that were read, and the errors and notes about them.
///
/// `Debug` equals `Display`, because a build script whose `main` returns an error shows `Debug`.
#[derive(Clone, Default)]
pub struct Report {
    /// The files.
    pub sources: Sources,
    /// Errors and notes, in the order in which they were found.
    pub diagnostics: Vec<Diagnostic>,
}

impl Report {
    /// Returns the errors.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Returns the notes.
    pub fn notes(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Note)
    }

    /// Renders the first hundred errors, and the number of all.
    #[must_use]
    pub fn render_errors(&self, styled: bool) -> String {
        let count = self.errors().count();
        let shown = self.errors().take(SHOWN_MAX);
        let mut parts: Vec<_> = shown.map(|error| error.render(&self.sources, styled)).collect();
        let path = self.sources.all().first().map(|source| source.path.display().to_string()).unwrap_or_default();
        let path = self::shown(&path);
        parts.push(match count {
            1 => format!("{path}: 1 error"),
            _ if count > SHOWN_MAX => format!("{path}: {count} errors, the first {SHOWN_MAX} are shown"),
            _ => format!("{path}: {count} errors"),
        });
        parts.join("\n\n")
    }

    /// Renders the first hundred notes.
    #[must_use]
    pub fn render_notes(&self, styled: bool) -> String {
        let notes = self.notes().take(SHOWN_MAX).map(|note| note.render(&self.sources, styled));
        notes.collect::<Vec<_>>().join("\n\n")
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
