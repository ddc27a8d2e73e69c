//! Values as JSON: against generated code, against what they were decoded from, and against hostile messages.

mod compare;
mod errors;
mod generated;
mod guesses;
mod hostile;
mod json;
mod postcard;
mod random;
mod round_trip;
mod sample;
mod schemas;
mod shapes;
mod templates;
mod texts;
mod types;
mod words;
