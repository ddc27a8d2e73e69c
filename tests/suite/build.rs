//! Makes Rust of `suite.x`.

use oncilla_rpcgen::{Data, Error, Options};

/// Procedures that do no harm when they are run twice. What is left out here must be executed once.
const IDEMPOTENT: [&str; 28] = [
    "SUITE_PARTS",
    "SUITE_NOTHING",
    "SUITE_SUBTRACT",
    "SUITE_ECHO",
    "SUITE_RENAME",
    "SUITE_NAME",
    "SUITE_SUM",
    "SUITE_NOTES",
    "SUITE_FAIL",
    "TYPES_NEGATE",
    "TYPES_INVERT",
    "TYPES_OPPOSITE",
    "TYPES_SPELL",
    "TYPES_TURN_PACKED",
    "TYPES_TURN_OCTETS",
    "TYPES_ROTATE",
    "TYPES_TURN_WIDES",
    "TYPES_SUM_ROWS",
    "TYPES_NEXT",
    "TYPES_OTHER_SHAPE",
    "TYPES_MAKE_RECORD",
    "TYPES_WEIGH",
    "TYPES_DIGEST_CHAIN",
    "TYPES_MANY",
    "BULK_ECHO",
    "BULK_CHECKSUM",
    "CALLBACKS_ERRANDS",
    "HOST_ECHO",
];

fn main() -> Result<(), Error> {
    let options = Options::new().data(Data::Borrowed).list_nodes(4);
    let options = options.oneway("SUITE_NOTE").oneway("CALLBACKS_BEGIN_AT_ONCE");
    IDEMPOTENT.into_iter().fold(options, Options::idempotent).compile("suite.x")
}
