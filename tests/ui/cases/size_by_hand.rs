//? or implement `oncilla::xdr::MaxSize` for it
use oncilla::xdr::MaxSize;

const SIZE: usize = u32::MAX_SIZE + <Vec<u8> as MaxSize>::MAX_SIZE; //~ `Vec<u8>` has no largest size in XDR

fn main() {
    let _ = SIZE;
}
