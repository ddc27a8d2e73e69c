//! Prints the figures as a table.

use super::figures::{
    ADD, All, ECHO64, FLASH, Figures, HANDSHAKE, NULL, STACK, STATIC_RAM, WIRE_ADD, WIRE_ECHO64, WIRE_NULL,
};
use crate::{columns::align, peers::Peers};

const HEADINGS: [&str; 11] = [
    "",
    "flash kB",
    "static RAM",
    "stack",
    "handshake",
    "null",
    "add",
    "echo64",
    "wire null",
    "wire add",
    "wire echo64",
];
type Row = [String; HEADINGS.len()];

/// Returns the table: our figures first, then those of other servers.
pub fn render(ours: &All, peers: &Peers) -> String {
    let mut rows = vec![HEADINGS.map(str::to_owned)];
    rows.extend(ours.iter().map(|(name, figures)| our_row(name, figures)));
    rows.extend(peers.servers.iter().map(|peer| {
        let name = format!("{} (check: {})", peer.name, peer.check);
        let unknown = String::from("-");
        [
            &name,
            &peer.flash_kb,
            &peer.static_ram,
            &peer.stack,
            &unknown,
            &peer.null,
            &peer.add,
            &peer.echo64,
            &peer.wire_null,
            &unknown,
            &unknown,
        ]
        .map(String::clone)
    }));
    let mut text = align(&rows);
    text.push_str(
        "\nOurs: flash and static RAM over the empty firmware; calls in instructions; wire in bytes of a call and its \
         reply.\ncobs_once remembers replies; cobs_client calls; cobs_endpoint does both, its calls with one served meanwhile. \
         The two that call have the board's clock in their flash. keyed and keyed_secret have keys and COBS with short headers, with the light and the \
         forward secret suite; a handshake includes the first call. protobuf has COBS and messages of micropb as arguments and \
         results. m0_keys and avr_keys: what the light suite adds to a server \
         on Cortex-M0 and AVR.\nThose with c_ are firmware in C on the C library: c_answer has no carrier, c_record \
         record marking, the others a serial line with short headers, and c_endpoint remembers replies.\nThe peers: ",
    );
    text.push_str(&peers.source);
    text
}

fn our_row(name: &str, figures: &Figures) -> Row {
    let figure = |name: &str| figures.get(name).map_or_else(|| "-".to_owned(), u64::to_string);
    let flash = figures.get(FLASH).map_or_else(|| "-".to_owned(), |bytes| kilobytes(*bytes));
    let [static_ram, stack, handshake, null, add, echo64, wire_null, wire_add, wire_echo64] =
        [STATIC_RAM, STACK, HANDSHAKE, NULL, ADD, ECHO64, WIRE_NULL, WIRE_ADD, WIRE_ECHO64].map(figure);
    [name.to_owned(), flash, static_ram, stack, handshake, null, add, echo64, wire_null, wire_add, wire_echo64]
}

/// Returns thousands of bytes, exactly.
fn kilobytes(bytes: u64) -> String {
    format!("{}.{:03}", bytes / 1000, bytes % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kilobytes_keep_every_byte() {
        assert_eq!(kilobytes(2_056), "2.056");
        assert_eq!(kilobytes(328), "0.328");
    }
}
