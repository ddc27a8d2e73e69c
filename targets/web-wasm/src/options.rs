//! What the user of the page has chosen.

use std::time::Duration;

use oncilla::keys::Side;
use oncilla_dynamic::Payload;
use oncilla_web::panels::Panels;
use serde::Deserialize;
use serde_json::Value;

use crate::keys::{Chosen, Keys};

/// The default of the total time-out of a call: that of the command.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The longest time-out.
const TIMEOUT_MAX: Duration = Duration::from_secs(600);

/// How a device is called.
pub struct Options {
    /// The key, on a keyed link.
    pub key: Option<Chosen>,
    /// Whether the suite of the keyed link is the forward secret one.
    pub is_forward_secret: bool,
    /// The side of this page.
    pub side: Side,
    /// The total time-out of a call.
    pub timeout: Duration,
    /// The encoding of arguments and results.
    pub payload: Payload,
    /// The text of the interface, unless the device is asked for it.
    pub interface: Option<String>,
    /// The panels of the device's maker.
    pub panels: Option<Panels>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            key: None,
            is_forward_secret: false,
            side: Side::Host,
            timeout: TIMEOUT,
            payload: Payload::Xdr,
            interface: None,
            panels: None,
        }
    }
}

impl Options {
    /// Reads options from JSON: `keyId`, `suite`, `side`, `timeout` in milliseconds, `payload`, `interface`, `panels`.
    ///
    /// # Errors
    /// An option is wrong, or the key cannot be chosen.
    pub fn parse(json: &Value, keys: &Keys) -> Result<Self, String> {
        let is_second = |name: &str, first: &str, second: &str| match &json[name] {
            Value::Null => Ok(false),
            Value::String(text) if text == first => Ok(false),
            Value::String(text) if text == second => Ok(true),
            other => Err(format!("{name} is {first:?} or {second:?}, not {other}")),
        };
        let id = match &json["keyId"] {
            Value::Null => None,
            id => Some(id.as_u64().and_then(|id| u16::try_from(id).ok()).ok_or("keyId is a number up to 65535")?),
        };
        let timeout = match &json["timeout"] {
            Value::Null => TIMEOUT,
            time => Duration::from_millis(time.as_u64().ok_or("timeout is a number of milliseconds")?),
        };
        Ok(Self {
            key: if keys.is_empty() { None } else { Some(keys.choose(id)?) },
            is_forward_secret: is_second("suite", "light", "forward-secret")?,
            side: if is_second("side", "host", "device")? { Side::Device } else { Side::Host },
            timeout: timeout.min(TIMEOUT_MAX),
            payload: if is_second("payload", "xdr", "postcard")? { Payload::Postcard } else { Payload::Xdr },
            interface: json["interface"].as_str().map(str::to_owned),
            panels: match &json["panels"] {
                Value::Null => None,
                panels => Some(Panels::deserialize(panels).map_err(|error| format!("panels: {error}"))?),
            },
        })
    }
}
