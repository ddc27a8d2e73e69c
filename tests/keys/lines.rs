//! Lines of key files.

use oncilla::keys::Key;

const SECRET: &str = "000102030405060708090a0b0c0d0eFF";

#[test]
fn a_line_has_an_id_a_secret_and_perhaps_a_name() {
    let entry = |text: &str| Key::parse_line(text).unwrap().map(|(key, name)| (key.id().0, name.to_owned()));
    assert_eq!(entry(&format!("7 {SECRET}")), Some((7, String::new())));
    assert_eq!(entry(&format!("  7 \t {SECRET}   the oven, left  \r")), Some((7, "the oven, left".into())));
    assert_eq!(entry(&format!("65535 {SECRET} # 1")), Some((65_535, "# 1".into())));
    assert_eq!((entry(""), entry("   "), entry("# 7 00")), (None, None, None));
}

#[test]
fn wrong_lines_are_not_repeated_in_errors() {
    for text in [
        "7",
        SECRET,
        &format!("65536 {SECRET}"),
        &format!("-1 {SECRET}"),
        &format!("7 {}", &SECRET[1..]),
        &format!("7 {SECRET}0 oven"),
        &format!("7 x{}", &SECRET[1..]),
        &format!("7 {SECRET} {}", "n".repeat(65)),
        &format!("7 {SECRET} o\u{1b}ven"),
    ] {
        let error = Key::parse_line(text).map(|_| ()).unwrap_err();
        assert!(!error.contains(&SECRET[1..]), "{error}");
    }
}
