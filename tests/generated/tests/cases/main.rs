//! What rpcgen's world writes, against C made by rpcgen of the same files: each value comes back as it was sent.

mod recode;

use oncilla::xdr::{decode, text_to_chars};
use oncilla_generated::cases::*;
use recode::C;

#[test]
fn unions_by_every_integer() {
    use discriminants::*;
    let types = ["by_hyper", "by_big", "by_unsigned", "by_short", "by_char", "by_bool", "by_both", "by_kind", "all"];
    let c = C::of("discriminants", &[], &types, "");
    let hyper = [ByHyper::Lowest(-7), ByHyper::CaseMinus1, ByHyper::Default(i64::MAX, 7)];
    c.takes("by_hyper", &hyper);
    let few = |number| ByBig::Few(number, "few".try_into().unwrap());
    c.takes("by_big", &[ByBig::Highest(-1), few(1), few(2)]);
    let unsigned = [ByUnsigned::Case4294967295, ByUnsigned::Half(5), ByUnsigned::Default(u32::MAX - 1)];
    c.takes("by_unsigned", &unsigned);
    c.takes("by_short", &[ByShort::Highest(1), ByShort::Default(65_534)]);
    c.takes("by_char", &[ByChar::Lowest(1), ByChar::Default(127), ByChar::Default(-128)]);
    c.takes("by_bool", &[ByBool::False, ByBool::True(9)]);
    c.takes("by_both", &[ByBoth::False, ByBoth::True(9)]);
    c.takes("by_kind", &[ByKind::Few(1, 5), ByKind::Few(2, 6), ByKind::Three(7)]);
}

#[test]
fn a_hyper_by_another_name() {
    use switch_hyper::U;
    C::of("switch_hyper", &[], &["u"], "").takes("u", &[U::A(-1), U::Default(0), U::Default(u64::MAX)]);
}

#[test]
fn bools_are_two() {
    use bool_union::Maybe;
    let c = C::of("bool_union", &[], &["maybe"], "");
    c.takes("maybe", &[Maybe::True(7), Maybe::False]);
    // C takes all but 0 for TRUE. Here they are refused, as in a field.
    assert_eq!(c.recode("maybe", &[0, 0, 0, 2, 0, 0, 0, 7]), [0, 0, 0, 1, 0, 0, 0, 7]);
    for number in [2, u32::MAX] {
        let bytes = [number.to_be_bytes(), 7u32.to_be_bytes()].concat();
        assert!(decode::<Maybe>(&bytes).is_err());
        assert!(decode::<Maybe>(&number.to_be_bytes()).is_err(), "it is no other arm either");
    }
}

#[test]
fn members_with_the_highest_bit() {
    use large_members::{ByNumber, Mask, Masked, Over};
    let c = C::of("large_members", &[], &["mask", "masked", "by_number", "over"], "");
    c.takes("mask", &[Mask::None, Mask::Low, Mask::Top, Mask::MinusTwo, Mask::All]);
    c.takes("over", &[Over::Last, Over::Next]);
    c.takes("masked", &[Masked::Top(1), Masked::All(2), Masked::Default(0)]);
    c.takes("by_number", &[ByNumber::MaskAll(1), ByNumber::Default(u64::MAX)]);
}

#[test]
fn types_of_headers_of_c() {
    use headers_of_c::*;
    let coders = "bool_t xdr_wide(XDR *x, wide *v) { return xdr_uint64_t(x, (uint64_t *)v); }";
    let c = C::of("headers_of_c", &[], &["headers"], coders);
    let user = AuthunixParms {
        stamp: u32::MAX,
        machinename: "here".try_into().unwrap(),
        uid: 2,
        gid: 3,
        gids: heapless::Vec::from([4, 5]),
    };
    let credential = OpaqueAuth { flavor: 6, body: heapless::Vec::from([7, 8, 9]) };
    let address = Netbuf { maxlen: 16, buf: heapless::Vec::from([10, 11]) };
    c.takes("headers", &[Headers { device: u32::MAX, size: u64::MAX, since: -5, credential, user, address }]);
}

#[test]
fn a_type_that_a_line_for_c_defines() {
    use quad_define::MState;
    let coders = "bool_t xdr_m_quad(XDR *x, m_quad *v) { return xdr_uint64_t(x, v); }";
    let c = C::of("quad_define", &[], &["m_state"], coders);
    c.takes("m_state", &[MState { total: 0 }, MState { total: u64::MAX - 1 }]);
}

#[test]
fn types_of_another_file() {
    use header_types::{Colour, Lamp};
    let c = C::of("header_types", &["include/colours"], &["lamp"], "");
    c.takes("lamp", &[Lamp { now: Colour::Red, next: Colour::Green }]);
}

#[test]
fn what_has_no_bytes() {
    let c = C::of("zero_bounds", &[], &["z"], "");
    let empty = zero_bounds::Z { a: [], b: heapless::Vec::new(), c: heapless::String::new(), d: heapless::Vec::new() };
    c.takes("z", &[empty]);
    use nothing_opaque::Result2 as Nothing;
    let c = C::of("nothing_opaque", &[], &["result"], "");
    c.takes("result", &[Nothing::Results([]), Nothing::Default(1)]);
}

#[test]
fn an_arm_with_the_name_of_the_discriminant() {
    use discriminant_name_again::Answer;
    let c = C::of("discriminant_name_again", &[], &["answer"], "");
    c.takes("answer", &[Answer::Low(-1), Answer::Denied(1)]);
}

#[test]
fn lines_within_definitions() {
    use percent_in_bodies::{Answer, Status, Ticket};
    let c = C::of("percent_in_bodies", &[], &["ticket", "answer"], "");
    let ticket = Ticket { number: 7, state: Status::Busy };
    c.takes("answer", &[Answer::Ok(ticket.clone()), Answer::Default(1)]);
    c.takes("ticket", &[ticket]);
    let c = C::of("percent_midstatement", &[], &["counter"], "");
    c.takes::<percent_midstatement::Counter>("counter", &[0, u32::MAX]);
}

/// C sends a `char` as the machine has it, and takes the low bits of what comes.
#[test]
fn narrow_numbers_and_text_of_chars() {
    use chars::Chars;
    let c = C::of("chars", &[], &["chars"], "");
    let chars = |one, small| Chars {
        one,
        name: text_to_chars("hall").unwrap(),
        more: "ü".bytes().map(u8::cast_signed).collect(),
        natural: 255,
        small,
        half: 65_535,
    };
    c.takes("chars", &[chars(-1, i16::MIN), chars(127, i16::MAX)]);
    let mut room = [0; 256];
    let length = oncilla::xdr::encode(&chars(-1, -1), &mut room).unwrap();
    let ours = &room[..length];
    let mut theirs = ours.to_vec();
    // `one` without its sign, `natural` with one, `small` without, `half` with.
    theirs[..3].fill(0);
    let end = theirs.len();
    theirs[end - 12..end - 9].fill(255);
    theirs[end - 8..end - 6].fill(0);
    theirs[end - 4..end - 2].fill(255);
    assert_eq!(c.recode("chars", &theirs), ours);
    assert_eq!(decode::<Chars>(&theirs), Ok(chars(-1, -1)));
}
