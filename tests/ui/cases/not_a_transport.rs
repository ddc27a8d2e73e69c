//? `Stream<F, U>` is a transport if `U` implements `Read` and `Write` of embedded-io 0.7; the traits of other versions are other traits
use oncilla::framing::Cobs;
use oncilla::{Forever, Stream, Transport};

/// With the traits of another version of embedded-io, or with none.
struct Uart;

fn ask(mut transport: impl Transport) {
    transport.now();
}

fn main() {
    ask(Stream::<Cobs, _>::new(Uart, Forever)); //~ `Stream<CobsWith<SmallTable>, Uart>` is not a transport
    ask(Uart); //~ `Uart` is not a transport
}
