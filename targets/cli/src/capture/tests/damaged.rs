//! Captures and lines with damaged, cut and random bytes: reading ends without a panic.

use proptest::prelude::*;

use super::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn damaged_captures_are_read_without_a_panic(
        old in any::<bool>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        words in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(vec![0_u32, 1, 0x7fff_ffff, u32::MAX, u32::MAX - 3])), 0..3),
        end in any::<prop::sample::Index>(),
    ) {
        let mut capture = if old { old_capture(&call(5, 40)) } else { capture() };
        for (index, byte) in changes {
            *index.get_mut(&mut capture) = byte;
        }
        for (index, word) in words {
            let at = index.index(capture.len() - 4) & !3;
            capture[at..at + 4].copy_from_slice(&word.to_le_bytes());
        }
        let length = end.index(capture.len() * 2).min(capture.len());
        let (found, _) = read(&capture[..length]);
        prop_assert!(found.len() < 200);
    }

    #[test]
    fn random_packets_do_no_harm(
        link in prop::sample::select(vec![0, 1, 101, 108, 113, 276, 7]),
        packets in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..20),
    ) {
        in_packets(link, packets.iter().map(|packet| &**packet));
    }

    #[test]
    fn random_segments_of_calls_do_no_harm(
        segments in prop::collection::vec((any::<u32>(), 0_usize..3000, 0_usize..300, prop::sample::select(vec!["", "", "", "S", "F", "R"])), 0..60),
        near in any::<bool>(),
    ) {
        let stream: Vec<u8> = (0..5).flat_map(|xid| record(&call(xid, 500))).collect();
        let packets: Vec<_> = segments
            .iter()
            .map(|&(sequence, from, size, flags)| {
                let from = from.min(stream.len());
                let piece = &stream[from..(from + size).min(stream.len())];
                let next = if near { 100 + (from as u32) } else { sequence };
                Sender { next }.segment(piece, flags)
            })
            .collect();
        in_packets(ETHERNET, packets.iter().map(|packet| &**packet));
    }

    #[test]
    fn random_bytes_of_a_line_do_no_harm(
        pieces in prop::collection::vec((any::<bool>(), prop::collection::vec(prop_oneof![Just(0), Just(1), any::<u8>()], 0..100)), 0..30),
        framing in prop::sample::select(vec![crate::target::Framing::Serial, crate::target::Framing::Cobs, crate::target::Framing::Record]),
    ) {
        let mut line = crate::capture::Line::new(framing, 64);
        for (side, bytes) in pieces {
            let side = if side { crate::capture::Side::A } else { crate::capture::Side::B };
            line.skip(side, bytes.len() / 7, &mut |_| {});
            line.push(side, &bytes, &mut |_| {});
        }
    }
}
