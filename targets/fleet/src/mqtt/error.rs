//! The trouble of a broker and of the connection to it.

use std::fmt;

/// Why the broker cannot be used. It says nothing about a device.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BrokerError {
    /// The broker was not reached.
    Unreached {
        /// Its address.
        address: String,
        /// Why.
        why: String,
    },
    /// TLS failed.
    Tls {
        /// The address of the broker.
        address: String,
        /// Why.
        why: String,
    },
    /// The broker refused the connection, with this reason of MQTT 5.
    Refused {
        /// The reason code.
        code: u8,
    },
    /// The broker did not answer in time.
    Silent,
    /// What answers does not speak MQTT 5.
    Strange {
        /// What is wrong.
        why: String,
    },
    /// The connection was lost.
    Lost {
        /// Why.
        why: String,
    },
    /// The broker denies a topic to this user, with this reason.
    Denied {
        /// The topic or filter.
        topic: String,
        /// The reason code.
        code: u8,
    },
    /// The message is larger than the broker accepts, or a text cannot be sent.
    Unsendable {
        /// What is wrong.
        why: String,
    },
    /// Too many messages wait for the broker.
    Full {
        /// Their number.
        waiting: usize,
    },
    /// The connection was closed by this program.
    Closed,
}

/// Returns the name of a reason code of MQTT 5.
#[must_use]
pub const fn reason_name(code: u8) -> &'static str {
    match code {
        0x00 => "success",
        0x10 => "no matching subscribers",
        0x80 => "unspecified error",
        0x81 => "malformed packet",
        0x82 => "protocol error",
        0x83 => "implementation specific error",
        0x84 => "unsupported protocol version",
        0x85 => "client identifier not valid",
        0x86 => "bad user name or password",
        0x87 => "not authorized",
        0x88 => "server unavailable",
        0x89 => "server busy",
        0x8a => "banned",
        0x8b => "server shutting down",
        0x8c => "bad authentication method",
        0x8d => "keep alive timeout",
        0x8e => "session taken over",
        0x8f => "topic filter invalid",
        0x90 => "topic name invalid",
        0x93 => "receive maximum exceeded",
        0x94 => "topic alias invalid",
        0x95 => "packet too large",
        0x96 => "message rate too high",
        0x97 => "quota exceeded",
        0x98 => "administrative action",
        0x99 => "payload format invalid",
        0x9a => "retain not supported",
        0x9b => "QoS not supported",
        0x9e => "shared subscriptions not supported",
        0x9f => "connection rate exceeded",
        0xa2 => "wildcard subscriptions not supported",
        _ => "unknown reason",
    }
}

impl fmt::Display for BrokerError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreached { address, why } => write!(formatter, "the broker {address} was not reached: {why}"),
            Self::Tls { address, why } => write!(formatter, "TLS with the broker {address} failed: {why}"),
            Self::Refused { code } => {
                write!(formatter, "the broker refused the connection: {} ({code:#04x})", reason_name(*code))
            }
            Self::Silent => formatter.write_str("the broker did not answer in time"),
            Self::Strange { why } => write!(formatter, "the broker does not speak MQTT 5: {why}"),
            Self::Lost { why } => write!(formatter, "the connection to the broker was lost: {why}"),
            Self::Denied { topic, code } => {
                write!(formatter, "the broker denies {topic}: {} ({code:#04x})", reason_name(*code))
            }
            Self::Unsendable { why } => write!(formatter, "the message cannot be sent to the broker: {why}"),
            Self::Full { waiting } => write!(formatter, "{waiting} messages wait for the broker already; send less"),
            Self::Closed => formatter.write_str("the connection to the broker was closed by this program"),
        }
    }
}

impl std::error::Error for BrokerError {}
