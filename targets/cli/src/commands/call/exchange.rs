//! Makes calls and prints replies.

use std::time::Instant;

use oncilla::{Caller as _, ProcedureId};
use serde_json::{Value, json};

use super::Options;
use super::callee::{self, Callee};
use crate::bytes;
use crate::context::{Context, dump};
use crate::failure::{Done, Failure};
use crate::remote::Remote;

/// Makes the calls of a command.
pub struct Exchange<'c> {
    remote: Remote<'c>,
    options: &'c Options,
}

/// The reply of a device.
pub enum Reply {
    /// A call without a reply.
    None,
    /// The bytes of the results.
    Bytes(Vec<u8>),
    /// The results of a procedure that returns nothing.
    Void,
    Value(Value),
}

impl<'c> Exchange<'c> {
    pub fn new(mut remote: Remote<'c>, options: &'c Options) -> Self {
        if options.idempotent {
            remote.idempotent();
        } else if options.repeat.is_some() {
            remote.reconnect();
        }
        Self { remote, options }
    }

    /// Makes a call with encoded arguments.
    pub fn call(&mut self, callee: &Callee<'_>, arguments: &[u8]) -> Done<Reply> {
        let context = self.remote.context;
        let device = self.remote.device()?;
        if self.options.cast {
            device
                .cast(callee.id(), |writer| writer.append(arguments))
                .map_err(|error| callee::failed(callee, error.into()))?;
            context.output.detail(format_args!("{}: {} of arguments sent", callee.name(), bytes::count(arguments)));
            return Ok(Reply::None);
        }
        let start = Instant::now();
        let results =
            device.call_bytes(callee.id(), arguments).map_err(|error| callee::failed(callee, Failure::from(error)))?;
        if context.output.verbose > 0 {
            let time = start.elapsed().as_secs_f64() * 1e3;
            let (name, sent, received) = (callee.name(), arguments.len(), results.len());
            context.output.detail(format_args!("{name}: {sent} bytes sent, {received} received in {time:.3} ms"));
        }
        let is_bytes = self.options.raw || matches!(callee, Callee::Numbered(_));
        match results {
            results if is_bytes => Ok(Reply::Bytes(results.to_vec())),
            results => match callee.decode(results)? {
                Value::Null if results.is_empty() => Ok(Reply::Void),
                value => Ok(Reply::Value(value)),
            },
        }
    }
}

impl Reply {
    /// Prints the reply of one call.
    pub fn print(&self, options: &Options, context: &Context) -> Done {
        let output = context.output;
        match self {
            Self::None => Ok(()),
            Self::Void if output.json => output.value(&Value::Null),
            Self::Void => Ok(()),
            Self::Value(value) => output.value(value),
            Self::Bytes(bytes) if output.json => output.value(&bytes::hex(bytes).into()),
            Self::Bytes(bytes) if options.raw => output.bytes(bytes),
            Self::Bytes(bytes) if bytes.is_empty() => Ok(()),
            Self::Bytes(bytes) if output.is_terminal() => output.line(dump(bytes)),
            Self::Bytes(bytes) => output.line(bytes::hex(bytes)),
        }
    }

    /// Returns the reply for a line of a stream.
    pub fn json(self) -> Value {
        match self {
            Self::None | Self::Void => Value::Null,
            Self::Value(value) => value,
            Self::Bytes(bytes) => bytes::hex(&bytes).into(),
        }
    }
}

/// Prints the encoded arguments of a call, for `--dry-run`.
pub fn show(callee: &Callee<'_>, arguments: &[u8], options: &Options, context: &Context) -> Done {
    let output = context.output;
    let (name, ProcedureId { program, version, procedure }) = (callee.name(), callee.id());
    if options.raw {
        return output.bytes(arguments);
    }
    if output.json {
        return output.value(&json!({
            "name": name, "program": program, "version": version, "procedure": procedure, "arguments": bytes::hex(arguments),
        }));
    }
    let length = bytes::count(arguments);
    output.line(format_args!(
        "{name}: program {}, version {version}, procedure {procedure}, {length} of arguments",
        crate::programs::shown(program)
    ))?;
    if arguments.is_empty() { Ok(()) } else { output.line(dump(arguments)) }
}
