//! The guide: chapters of prose whose code is tested.
//!
//! Begin with [the first hour](first_hour). The other chapters stand alone.
//!
//! | chapter | about |
//! |---|---|
//! | [`first_hour`] | The first hour: from an empty folder to a board in QEMU that answers |
//! | [`interfaces`] | Interfaces and types |
//! | [`x_files`] | `.x` files, the interfaces of Sun RPC |
//! | [`protobuf`] | Protobuf: services of `.proto` files, without an allocator; from easy_pb_rpc |
//! | [`memory`] | Sizing memory |
//! | `heap`, with the feature `alloc` | Data on the heap |
//! | [`serving`] | Serving: UART, TCP, UDP, several clients |
//! | [`host_server`] | A server on a host: logs, metrics, systemd, access |
//! | [`tls`] | TLS between hosts, with certificates (RFC 9289) |
//! | `keys`, with the feature `keys` | Keys: authentication and encryption between firmware and hosts, with rights for each key |
//! | [`busy_server`] | A busy server: workers, large messages, repeated calls, stopping |
//! | [`calling`] | Calling: time-outs, retransmission, calls in flight |
//! | [`sharing`] | Sharing a connection or a serial port between threads |
//! | [`both_roles`] | Both roles on one link, and procedures that call |
//! | [`evolving`] | Evolving an interface |
//! | [`serial_lines`] | Serial lines |
//! | [`reconnecting`] | Connections that come back, and serial ports by their device |
//! | [`ethernet`] | Ethernet |
//! | [`instrument`] | Build an instrument: VXI-11 and SCPI, for PyVISA |
//! | [`rtos`] | RTOS |
//! | [`from_c`] | From C |
//! | [`c_code`] | C from an `.x` file; installing the C library |
//! | [`command`] | The command `oncilla`: calls, interfaces and values from a terminal |
//! | [`web`] | A page for a device in a browser: forms, plots, the log |
//! | [`fleets`] | Fleets: devices behind an MQTT broker, by their names |
//! | [`tools`] | Tools: rpcinfo, rpcgen, Wireshark |
//! | [`new_board`] | Bringing up a new board |
//! | [`hal`] | UARTs of HALs: adapters, rings, a test of drivers |
//! | [`testing`] | Testing without hardware |
//! | [`python`] | Python: calls, stand-ins, notebooks |
//! | [`another_wire`] | Another wire: the same tables in other envelopes, dRPC among them |
//! | [`errors`] | Errors and what to do |
//! | [`performance`] | Performance |
//! | [`when_not`] | When not to use it |
//! | [`from_rpcgen`] | Coming from rpcgen and libtirpc |
//! | [`from_sunrpc`] | Coming from libsunrpc, SylixOS and VxWorks |
//! | [`from_erpc`] | Coming from eRPC |
//! | [`from_postcard_rpc`] | Coming from postcard-rpc |
//! | [`from_vxi11`] | Coming from VXI-11 libraries |

#[doc = include_str!("first_hour.md")]
pub mod first_hour {}

#[doc = include_str!("interfaces.md")]
pub mod interfaces {}

#[doc = include_str!("x_files.md")]
pub mod x_files {}

#[doc = include_str!("protobuf.md")]
pub mod protobuf {}

#[doc = include_str!("memory.md")]
pub mod memory {}

#[cfg(feature = "alloc")]
#[doc = include_str!("heap.md")]
pub mod heap {}

#[doc = include_str!("serving.md")]
pub mod serving {}

#[doc = include_str!("host_server.md")]
pub mod host_server {}

#[doc = include_str!("tls.md")]
pub mod tls {}

#[cfg(feature = "keys")]
#[doc = include_str!("keys.md")]
pub mod keys {}

#[doc = include_str!("busy_server.md")]
pub mod busy_server {}

#[doc = include_str!("calling.md")]
pub mod calling {}

#[doc = include_str!("sharing.md")]
pub mod sharing {}

#[doc = include_str!("both_roles.md")]
pub mod both_roles {}

#[doc = include_str!("evolving.md")]
pub mod evolving {}

#[doc = include_str!("serial_lines.md")]
pub mod serial_lines {}

#[doc = include_str!("reconnecting.md")]
pub mod reconnecting {}

#[doc = include_str!("ethernet.md")]
pub mod ethernet {}

#[doc = include_str!("instrument.md")]
pub mod instrument {}

#[doc = include_str!("rtos.md")]
pub mod rtos {}

#[doc = include_str!("from_c.md")]
pub mod from_c {}

#[doc = include_str!("c_code.md")]
pub mod c_code {}

#[doc = include_str!("command.md")]
pub mod command {}

#[doc = include_str!("web.md")]
pub mod web {}

#[doc = include_str!("fleets.md")]
pub mod fleets {}

#[doc = include_str!("tools.md")]
pub mod tools {}

#[doc = include_str!("new_board.md")]
pub mod new_board {}

#[doc = include_str!("hal.md")]
pub mod hal {}

#[doc = include_str!("testing.md")]
pub mod testing {}

#[doc = include_str!("python.md")]
pub mod python {}

#[doc = include_str!("another_wire.md")]
pub mod another_wire {}

#[doc = include_str!("errors.md")]
pub mod errors {}

#[doc = include_str!("performance.md")]
pub mod performance {}

#[doc = include_str!("when_not.md")]
pub mod when_not {}

#[doc = include_str!("from_rpcgen.md")]
pub mod from_rpcgen {}

#[doc = include_str!("from_sunrpc.md")]
pub mod from_sunrpc {}

#[doc = include_str!("from_erpc.md")]
pub mod from_erpc {}

#[doc = include_str!("from_postcard_rpc.md")]
pub mod from_postcard_rpc {}

#[doc = include_str!("from_vxi11.md")]
pub mod from_vxi11 {}
