//! Compiles the interface of the ported phone book to Rust.

fn main() -> Result<(), oncilla_rpcgen::Error> {
    oncilla_rpcgen::compile("phonebook.x")
}
