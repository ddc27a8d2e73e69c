//! The functions that JavaScript calls.
//!
//! An instance of the module is one device. Bytes and texts are passed in memory: JavaScript asks for room by
//! `oncilla_input` and writes there, and functions return the length of their output, which is at `oncilla_output`.

use std::cell::RefCell;

use serde_json::{Value, json};
use zeroize::Zeroize;

use crate::connect::Random;
use crate::{Device, Keys, Options};

#[derive(Default)]
struct Instance {
    input: Vec<u8>,
    output: Vec<u8>,
    keys: Keys,
    device: Option<Device>,
}

thread_local! {
    static INSTANCE: RefCell<Instance> = RefCell::default();
}

/// Defines functions by which JavaScript reaches the instance.
macro_rules! exports {
    ($($(#[$text:meta])* fn $name:ident($instance:ident $(, $argument:ident: $type:ty)?) -> $result:ty $body:block)+) => {
        $(
            $(#[$text])*
            #[expect(unsafe_code, reason = "the name is exported; no other library is linked that could have it, too")]
            #[unsafe(no_mangle)]
            pub extern "C" fn $name($($argument: $type)?) -> $result {
                INSTANCE.with_borrow_mut(|$instance| $body)
            }
        )+
    };
}

exports! {
    /// Makes room for an input of `size` bytes, and returns its address.
    fn oncilla_input(instance, size: usize) -> *mut u8 {
        instance.input.clear();
        instance.input.resize(size, 0);
        instance.input.as_mut_ptr()
    }

    /// Returns the address of the output of the last function.
    fn oncilla_output(instance) -> *const u8 {
        instance.output.as_ptr()
    }

    /// Takes the text of a key file. The output is `{"keys": [{"id", "name"}]}` or `{"error": text}`.
    fn oncilla_keys(instance) -> usize {
        let parsed = match std::str::from_utf8(&instance.input) {
            Ok(text) => Keys::parse(text),
            Err(_) => Err("the key file is no text".to_owned()),
        };
        instance.input.zeroize();
        let told = match parsed {
            Ok(keys) => {
                instance.keys = keys;
                let names = instance.keys.names().map(|(id, name)| json!({"id": id, "name": name}));
                json!({"keys": names.collect::<Vec<_>>()})
            }
            Err(error) => json!({ "error": error }),
        };
        instance.tell(&told)
    }

    /// Sets the options, as JSON. The output is `{}` or `{"error": text}`.
    fn oncilla_configure(instance) -> usize {
        let json = serde_json::from_slice(&instance.input).unwrap_or_default();
        let device = Options::parse(&json, &instance.keys).and_then(Device::new);
        let told = match device {
            Ok(device) => {
                instance.device = Some(device);
                json!({})
            }
            Err(error) => json!({ "error": error }),
        };
        instance.tell(&told)
    }

    /// Begins with a port that was opened. The input is 40 random bytes. The output is what has happened.
    fn oncilla_open(instance, now: f64) -> usize {
        let mut random = [0; Random::BYTES];
        random.iter_mut().zip(&instance.input).for_each(|(place, byte)| *place = *byte);
        instance.input.zeroize();
        let told = instance.step(|device, _| device.open(&random, now));
        random.zeroize();
        told
    }

    /// Takes bytes of the port. The output is what has happened.
    fn oncilla_receive(instance, now: f64) -> usize {
        instance.step(|device, input| device.receive(input, now))
    }

    /// Makes a request, as JSON. The output is what has happened.
    fn oncilla_ask(instance, now: f64) -> usize {
        instance.step(|device, input| device.ask(&serde_json::from_slice(input).unwrap_or_default(), now))
    }

    /// Notes that the port has ended. The output is what has happened.
    fn oncilla_close(instance, now: f64) -> usize {
        instance.step(|device, _| device.close(now))
    }

    /// Lets the time pass. The output is what has happened.
    fn oncilla_step(instance, now: f64) -> usize {
        instance.step(|device, _| device.step(now))
    }

    /// Returns whether a step is due every few milliseconds.
    fn oncilla_is_busy(instance) -> bool {
        instance.device.as_ref().is_some_and(Device::is_busy)
    }

    /// The output is bytes for the port.
    fn oncilla_to_send(instance) -> usize {
        instance.output = instance.device.as_mut().map(Device::to_send).unwrap_or_default();
        instance.output.len()
    }
}

impl Instance {
    fn tell(&mut self, told: &Value) -> usize {
        self.output = told.to_string().into_bytes();
        self.output.len()
    }

    fn step(&mut self, step: impl FnOnce(&mut Device, &[u8]) -> Value) -> usize {
        let told = match &mut self.device {
            Some(device) => step(device, &self.input),
            None => json!({"error": "the device was not configured"}),
        };
        self.tell(&told)
    }
}
