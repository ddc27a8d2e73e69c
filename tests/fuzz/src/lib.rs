//! What a peer could send: each target takes any bytes and panics when something is wrong.
//!
//! The same targets run in two ways. `cargo fuzz run --fuzz-dir tests/fuzz --sanitizer none record` follows the
//! coverage, on any compiler; with a sanitizer it needs a nightly one. `cargo run --profile fuzz -p oncilla-fuzz` changes
//! the seeds at random for some seconds, or for a number of executions, the same way for the same seed. The seeds are
//! valid messages, and the inputs that cargo fuzz has found (`tests/fuzz/corpora`).

// The types, models and vectors are those of the tests; no target needs all of them.
#[path = "../../support/alike.rs"]
mod alike;
// The command is a program, whose modules no other crate can use.
#[allow(dead_code, unused_imports)]
#[path = "../../../targets/cli/src/capture/mod.rs"]
mod capture;
#[allow(dead_code)]
#[path = "../../support/every_type.rs"]
mod every_type;
#[path = "../../support/everything.rs"]
mod everything;
#[path = "../../support/faults.rs"]
mod faults;
#[path = "../../endpoint/follow.rs"]
mod follow;
#[allow(dead_code)]
#[path = "../../support/frames.rs"]
mod frames;
#[path = "../../support/marks.rs"]
mod marks;
#[path = "../../endpoint/model.rs"]
mod model;
#[path = "../../support/models.rs"]
mod models;
#[allow(dead_code)]
#[path = "../../support/on_heap.rs"]
mod on_heap;
#[allow(dead_code)]
#[path = "../../../targets/cli/src/sealed.rs"]
mod sealed;
#[allow(dead_code)]
#[path = "../../key_suites/sides.rs"]
mod sides;
#[allow(dead_code)]
#[path = "../../support/types.rs"]
mod types;
#[allow(dead_code)]
#[path = "../../support/vectors.rs"]
mod vectors;

mod calls;
mod captures;
mod corpus;
mod counted;
mod drpc;
mod dynamic;
mod fleet;
mod framings;
mod heap;
mod interfaces;
mod keyed_links;
mod keys;
pub mod mutate;
mod protobuf;
mod replies;
mod rs485;
pub mod run;
mod schedules;
mod seeds;
mod session_model;
mod sessions;
mod short;
mod spi;
mod target;
mod trees;
mod values;

use oncilla_gateway::fuzzing;

/// One thing that takes bytes from a peer.
pub struct Target {
    /// What it is called on the command line.
    pub name: &'static str,
    /// Takes any bytes.
    ///
    /// # Panics
    /// When what was done with the bytes is wrong.
    pub body: fn(&[u8]),
    /// Bytes to begin with: what is right.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target { name: "record", body: framings::record, seeds: seeds::records },
    Target { name: "cobs", body: framings::cobs, seeds: seeds::frames },
    Target { name: "serial", body: framings::serial, seeds: seeds::frames },
    Target { name: "short", body: short::short, seeds: seeds::short },
    Target { name: "link", body: short::link, seeds: seeds::links },
    Target { name: "call", body: calls::call, seeds: seeds::calls },
    Target { name: "credentials", body: calls::credentials, seeds: seeds::credentials },
    Target { name: "answer", body: calls::answer, seeds: seeds::arguments },
    Target { name: "reply", body: replies::reply, seeds: seeds::replies },
    Target { name: "endpoint", body: schedules::endpoint, seeds: schedules::seeds },
    Target { name: "keys_links", body: keyed_links::keyed_links, seeds: keyed_links::seeds },
    Target { name: "keys_sessions", body: sessions::sessions, seeds: sessions::seeds },
    Target { name: "xdr", body: values::xdr, seeds: seeds::values },
    Target { name: "heap", body: heap::heap, seeds: heap::seeds },
    Target { name: "postcard", body: values::postcard, seeds: seeds::values },
    Target { name: "tree", body: trees::tree, seeds: trees::seeds },
    Target { name: "interface", body: interfaces::interface, seeds: interfaces::seeds },
    Target { name: "dynamic", body: dynamic::values, seeds: dynamic::value_seeds },
    Target { name: "dynamic_words", body: dynamic::words, seeds: dynamic::word_seeds },
    Target { name: "capture", body: captures::capture, seeds: captures::capture_seeds },
    Target { name: "tapped_line", body: captures::tapped_line, seeds: captures::line_seeds },
    Target { name: "rs485", body: rs485::bus, seeds: rs485::seeds },
    Target { name: "spi", body: spi::both_ends, seeds: spi::seeds },
    Target { name: "keys_light", body: keys::light, seeds: keys::light_seeds },
    Target { name: "keys_forward_secret", body: keys::forward_secret, seeds: keys::forward_secret_seeds },
    Target { name: "fleet_topic", body: fleet::topic, seeds: fleet::topic_seeds },
    Target { name: "fleet_properties", body: fleet::properties, seeds: fleet::property_seeds },
    Target { name: "fleet_document", body: fleet::document, seeds: fleet::document_seeds },
    Target { name: "fleet_broker", body: fleet::broker, seeds: fleet::broker_seeds },
    Target { name: "gateway_packets", body: fuzzing::packets, seeds: fuzzing::packet_seeds },
    Target { name: "gateway_journal", body: fuzzing::journal, seeds: fuzzing::journal_seeds },
    Target { name: "drpc_call", body: drpc::call, seeds: drpc::call_seeds },
    Target { name: "drpc_response", body: drpc::response, seeds: drpc::response_seeds },
    Target { name: "drpc_chunks", body: drpc::chunks, seeds: drpc::chunk_seeds },
    Target { name: "protobuf", body: protobuf::messages, seeds: protobuf::message_seeds },
    Target { name: "protobuf_call", body: protobuf::call, seeds: protobuf::call_seeds },
    Target { name: "dynamic_interface", body: dynamic::interface, seeds: dynamic::interface_seeds },
];

/// The target of this name.
///
/// # Panics
/// When there is none.
pub fn target(name: &str) -> &'static Target {
    TARGETS.iter().find(|target| target.name == name).unwrap_or_else(|| panic!("no target is called {name}"))
}

/// The entry of one target's binary: libFuzzer's, or that of the runner.
#[macro_export]
macro_rules! target {
    ($name:literal) => {
        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_target!(|data: &[u8]| ($crate::target($name).body)(data));

        #[cfg(not(fuzzing))]
        fn main() -> std::process::ExitCode {
            $crate::run::main(&[$crate::target($name)])
        }
    };
}

#[cfg(test)]
mod tests {
    use super::TARGETS;

    #[test]
    fn every_target_has_seeds_and_takes_them() {
        for target in TARGETS {
            let seeds = (target.seeds)();
            assert!(seeds.len() > 3, "{}", target.name);
            seeds.iter().for_each(|seed| (target.body)(seed));
            (target.body)(&[]);
        }
    }
}
