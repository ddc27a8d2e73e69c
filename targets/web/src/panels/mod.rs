//! Panels: what a maker shows first of a device, such as a gauge for one number of a result.
//!
//! A TOML file beside the interface names them. Without it, the page is complete anyway.
//!
//! ```toml
//! [[panel]]
//! kind = "gauge"
//! title = "Hall"
//! procedure = "sensor.read"
//! arguments = { channel = 0 }
//! field = "STATUS_OK.value"
//! low = 0
//! high = 40_000
//! scale = 0.001
//! unit = "°C"
//! ```
//!
//! | key | of | meaning |
//! |---|---|---|
//! | `kind` | all | `gauge`, `plot`, `table`, `switch` or `slider` |
//! | `title` | all | a text for people; the name of the procedure if left out |
//! | `procedure`, `arguments` | all | what is called: to read a gauge, plot or table, and to set a switch or slider |
//! | `field` | gauge | the number in the result, such as `STATUS_OK.value` or `samples[0]`; left out if the result is a number |
//! | `fields` | plot | a list of such numbers |
//! | `field` | table | the array or struct in the result; left out if it is the result |
//! | `argument` | switch, slider | the argument that is set, such as `on` or `request.level` |
//! | `state` | switch, slider | `{ procedure, arguments, field }`: how the present value is read; without it the panel shows what it has set |
//! | `low`, `high` | gauge, slider | the limits |
//! | `step` | slider | the distance between values; 1 if left out |
//! | `scale`, `unit` | gauge, plot, slider | what a number is multiplied by before it is shown, and its unit |
//! | `every` | all that read | seconds between two calls, from 0.1; 1 if left out |

#[cfg(feature = "panel-files")]
mod parse;
mod paths;
mod resolve;

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The panels of a file.
///
/// [`resolve`](Self::resolve) finds the procedures and fields in an interface. As JSON by serde, panels reach a page that has
/// the interface only later.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Panels {
    /// The name of the file, for errors.
    file: String,
    panels: Vec<(usize, Panel)>,
}

/// Why a file with panels cannot be used: the file, the line, what is wrong and what is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PanelError(String);

impl fmt::Display for PanelError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for PanelError {}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Gauge,
    Plot,
    Table,
    Switch,
    Slider,
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Gauge => "gauge",
            Self::Plot => "plot",
            Self::Table => "table",
            Self::Switch => "switch",
            Self::Slider => "slider",
        })
    }
}

/// A panel, as the file has it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Panel {
    kind: Kind,
    title: Option<String>,
    procedure: String,
    #[serde(default)]
    arguments: Map<String, Value>,
    field: Option<String>,
    fields: Option<Vec<String>>,
    argument: Option<String>,
    state: Option<State>,
    low: Option<f64>,
    high: Option<f64>,
    step: Option<f64>,
    scale: Option<f64>,
    unit: Option<String>,
    every: Option<f64>,
}

/// How the present value of a switch or slider is read.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct State {
    procedure: String,
    #[serde(default)]
    arguments: Map<String, Value>,
    field: Option<String>,
}

#[cfg(all(test, feature = "panel-files"))]
mod tests;
