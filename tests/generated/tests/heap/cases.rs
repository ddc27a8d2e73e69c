//! The files of the compiler's tests, and the same bytes as from values of fixed size.

use oncilla_generated::heap::discriminants;
use oncilla_generated::heap::headers_of_c::{AuthunixParms, Headers, Netbuf, OpaqueAuth};
use oncilla_generated::{cases, heap};

use crate::recode::C;

#[test]
fn c_reads_and_writes_the_same() {
    let types = ["by_big", "by_kind", "all"];
    let c = C::of("discriminants", &[], &types, "");
    let few = |number| discriminants::ByBig::Few(number, "few".into());
    c.takes("by_big", &[discriminants::ByBig::Highest(-1), few(1), few(2)]);
    c.takes("by_kind", &[discriminants::ByKind::Few(1, 5), discriminants::ByKind::Three(7)]);

    let coders = "bool_t xdr_wide(XDR *x, wide *v) { return xdr_uint64_t(x, (uint64_t *)v); }";
    let c = C::of("headers_of_c", &[], &["headers"], coders);
    let user = AuthunixParms { stamp: u32::MAX, machinename: "here".into(), uid: 2, gid: 3, gids: vec![4, 5] };
    let credential = OpaqueAuth { flavor: 6, body: vec![7, 8, 9] };
    let address = Netbuf { maxlen: 16, buf: vec![10, 11] };
    c.takes("headers", &[Headers { device: u32::MAX, size: u64::MAX, since: -5, credential, user, address }]);
}

#[test]
fn bytes_are_those_of_values_of_fixed_size() {
    use oncilla::xdr::{decode, encode};
    let fixed = cases::discriminants::ByBig::Few(2, "few".try_into().unwrap());
    let on_heap = heap::discriminants::ByBig::Few(2, "few".into());
    let (mut one, mut other) = ([0; 64], [0; 64]);
    let length = encode(&fixed, &mut one).unwrap();
    assert_eq!(encode(&on_heap, &mut other), Ok(length));
    assert_eq!(one, other);
    assert_eq!(decode(&one[..length]), Ok(on_heap));
}
