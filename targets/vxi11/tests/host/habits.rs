//! The habits of real instruments, each with its option.

use oncilla_vxi11::ErrorCode;

use crate::meter::{client, options, serve_parts};

#[test]
fn an_instrument_that_takes_a_few_hundred_bytes() {
    let serving = serve_parts(300);
    let text = "x".repeat(2000);
    assert_eq!(client(&serving).query(&text).unwrap(), text);
}

#[test]
fn an_instrument_that_takes_less_than_it_states() {
    let serving = serve_parts(300);
    let text = "x".repeat(2000);
    let mut wrong = options(&serving).write_size(301).open("127.0.0.1", "inst0").unwrap();
    assert_eq!(wrong.write(&text).unwrap_err().code(), Some(ErrorCode::PARAMETER));
    let mut right = options(&serving).write_size(100).open("127.0.0.1", "inst0").unwrap();
    assert_eq!(right.query(&text).unwrap(), text);
}
