//! The text of a failed call, for its caller and for presence.

use std::io;

use oncilla::CallError;

/// What the host's errors state when the call was sent.
const PERHAPS: &str = "; the call may have been executed";

/// Returns what happened, without whether the call was executed and without what a caller on the link would do.
///
/// The name of the trouble states whether the call was executed, and the gateway connects again by itself.
pub fn happened(error: &CallError<io::Error>) -> String {
    match error {
        CallError::TimedOut { after, unframed: 0 } => format!("no reply within {after:?}"),
        CallError::TimedOut { after, unframed } => format!(
            "no reply within {after:?}, only {unframed} bytes without a whole frame; check the framing, the baud rate \
             and `message-max` of the device"
        ),
        CallError::Echoed { after } => format!(
            "no reply within {after:?}, and the line echoes what is sent; turn off the receiver while sending, or the \
             terminal's echo"
        ),
        CallError::Restarted => "the device restarted before it replied".to_owned(),
        CallError::Closed => "the device closed the connection before it replied".to_owned(),
        CallError::CallTooLarge { size, limit } => {
            format!("the call has {size} bytes, and the device can receive {limit}; send less")
        }
        CallError::ReplyTooLarge { size } => {
            format!("the reply has {size} bytes, which is more than `message-max` of the device in the gateway's file")
        }
        CallError::Arguments(error) => format!("the arguments cannot be sent: {error}"),
        other => told(&other.to_string()).to_owned(),
    }
}

/// Returns a text of the host without whether the call was executed, and what follows that.
pub fn told(text: &str) -> &str {
    text.split(PERHAPS).next().unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use oncilla::LinkError;

    use super::*;

    #[test]
    fn no_text_states_whether_the_call_was_executed() {
        let after = Duration::from_secs(2);
        for (error, text) in [
            (CallError::TimedOut { after, unframed: 0 }, "no reply within 2s"),
            (CallError::TimedOut { after, unframed: 7 }, "only 7 bytes"),
            (CallError::Echoed { after }, "echoes"),
            (CallError::Restarted, "the device restarted"),
            (CallError::Closed, "closed the connection"),
            (CallError::CallTooLarge { size: 300, limit: 127 }, "300 bytes, and the device can receive 127"),
            (CallError::ReplyTooLarge { size: 300 }, "300 bytes"),
            (LinkError::Transport(io::Error::other(format!("reset{PERHAPS}"))).into(), "reset"),
        ] {
            let shown = happened(&error);
            assert!(shown.contains(text) && !shown.contains("executed"), "{shown}");
        }
    }

    #[test]
    fn the_host_ends_its_errors_as_is_expected_here() {
        let closing = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = closing.local_addr().unwrap();
        let thread = std::thread::spawn(move || drop(closing.accept()));
        let device = format!("tcp://{address}");
        let text = format!(
            "fleet = \"f\"\ngateway = \"g\"\n[broker]\naddress = \"mqtt://127.0.0.1\"\n[devices.d]\ntarget = \"{device}\"\n"
        );
        let settings = crate::settings::Settings::parse("fleet.toml", &text, std::path::Path::new("")).unwrap();
        let device = settings.devices.values().next().unwrap();
        let mut connected = oncilla_device::connect::connect(&device.settings, &Default::default()).unwrap();
        thread.join().unwrap();
        let error = super::super::describe::probe(&mut connected).unwrap_err();
        assert!(!happened(&error).contains("executed"), "{error:?}");
    }
}
