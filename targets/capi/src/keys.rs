//! Keys, and the ends of sessions, of links with keys.

use core::ptr;

use oncilla::keys::{self, Accepts, Both, Opens, Side};

use crate::checked::{Memory, NOWHERE, Overlap, apart, check, check_many, place_at};
use crate::object::{Kind, content, init, mark};
use crate::{ONCILLA_INVALID, ONCILLA_NULL, Status};

/// The host of a pair of peers.
pub const ONCILLA_SIDE_HOST: u32 = 1;
/// The device of a pair of peers.
pub const ONCILLA_SIDE_DEVICE: u32 = 2;

/// Bytes of a start.
pub const ONCILLA_START: usize = 16;

/// Keys of an `oncilla_acceptor` on a serial line or on datagrams, at most. On connections there is no limit.
pub const ONCILLA_PLACES: usize = 4;

/// Bytes that a link with keys adds to a call and to a reply.
pub const ONCILLA_SEALED: usize = 22;

/// Bytes before the first calls of a session, which open it.
pub const ONCILLA_SEALED_OPEN: usize = 43;

const _: () = {
    assert!(keys::sealed_call(0) == ONCILLA_SEALED + ONCILLA_SEALED_OPEN);
    assert!(keys::sealed_reply(100) == 100 + ONCILLA_SEALED);
    // An `oncilla_key` is a `Key` of the core.
    assert!(size_of::<Key>() == size_of::<keys::Key>() && align_of::<Key>() == align_of::<keys::Key>());
};

/// A key that one pair of peers shares: a number and 16 secret bytes. It can be in flash.
///
/// Each pair of peers needs its own, because the holder of a key can act as either peer. `oncilla key new` makes one, in a
/// file for the host and as an initialiser for firmware.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Key {
    /// The number of the key, which is sent in the clear.
    pub id: u16,
    /// The secret bytes, from a source of randomness that is fit for keys.
    pub secret: [u8; 16],
}

/// Words of an `oncilla_opener`.
#[cfg(target_pointer_width = "64")]
pub const ONCILLA_OPENER_SIZE: usize = 36;
/// Words of an `oncilla_opener`.
#[cfg(target_pointer_width = "32")]
pub const ONCILLA_OPENER_SIZE: usize = 34;
/// Words of an `oncilla_opener`.
#[cfg(target_pointer_width = "16")]
pub const ONCILLA_OPENER_SIZE: usize = 33;

/// Opens sessions with a peer: for a client or an endpoint with keys.
#[repr(C)]
pub struct Opener {
    opaque: [u64; ONCILLA_OPENER_SIZE],
}

/// Words of an `oncilla_acceptor`.
#[cfg(target_pointer_width = "64")]
pub const ONCILLA_ACCEPTOR_SIZE: usize = 53;
/// Words of an `oncilla_acceptor`.
#[cfg(target_pointer_width = "32")]
pub const ONCILLA_ACCEPTOR_SIZE: usize = 50;
/// Words of an `oncilla_acceptor`.
#[cfg(target_pointer_width = "16")]
pub const ONCILLA_ACCEPTOR_SIZE: usize = 48;

/// Accepts sessions of peers with a key: for a server or an endpoint.
#[repr(C)]
pub struct Acceptor {
    opaque: [u64; ONCILLA_ACCEPTOR_SIZE],
}

/// An end of sessions and the keys that were lent to it.
#[repr(C)]
pub(crate) struct End<E> {
    keys: Memory,
    ends: E,
}

pub(crate) type Opening = Opens<&'static keys::Key>;
pub(crate) type Accepting = Accepts<&'static [keys::Key], ONCILLA_PLACES>;

impl Kind for Opener {
    const MARK: u32 = mark(b'o');
}

impl Kind for Acceptor {
    const MARK: u32 = mark(b'a');
}

fn side(side: u32) -> Result<Side, Status> {
    match side {
        ONCILLA_SIDE_HOST => Ok(Side::Host),
        ONCILLA_SIDE_DEVICE => Ok(Side::Device),
        _ => Err(ONCILLA_INVALID),
    }
}

/// Returns lent keys as the core's.
///
/// # Safety
/// If `pointer` is not NULL, it points to `count` keys that do not change while they are used.
unsafe fn lent_keys(pointer: *const Key, count: usize) -> Result<&'static [keys::Key], Status> {
    check_many(pointer, count)?;
    // SAFETY: neither NULL nor unaligned, no larger than an object can be, and the rest is this function's condition. Both
    // types have the same two members in the order of C, and nothing drops what is lent.
    Ok(unsafe { core::slice::from_raw_parts(pointer.cast(), count) })
}

/// Copies a start.
///
/// # Safety
/// If `start` is not NULL, it points to 16 bytes.
unsafe fn start_at(start: *const u8) -> Result<[u8; ONCILLA_START], Status> {
    check(start)?;
    // SAFETY: not NULL, and the rest is this function's condition.
    Ok(unsafe { *start.cast() })
}

/// Initialises the opener, which opens the sessions of a client or endpoint.
///
/// - `side` is ONCILLA_SIDE_HOST or ONCILLA_SIDE_DEVICE (ONCILLA_INVALID otherwise). The peer has the other side.
/// - `key` is lent as long as the opener is used. The peer has it too.
/// - `start` has 16 bytes (ONCILLA_START), which are copied. No link of this side had the same bytes before, neither
///   before a restart nor on another connection. A counter in flash and the number of the line are enough, random bytes
///   are better. If they repeat, an attacker who has recorded the earlier session can break the later one.
/// - `boot` is the boot number, which differs after each start.
///
/// The opener may be lent to one object at a time. It is compared with other memory (ONCILLA_OVERLAP) only then. Lend it
/// to the object of the next connection without initialising it again: then the start does not repeat.
///
/// # Safety
/// `start` points to 16 bytes. Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_opener_init(
    opener: *mut Opener,
    side: u32,
    key: *const Key,
    start: *const u8,
    boot: u32,
) -> Status {
    // SAFETY: this function's condition; the key is checked to be apart from what is written.
    let make = |place: *mut End<Opening>| unsafe {
        let lent = place_at(key);
        apart(place_at(opener), lent)?;
        apart(place_at(opener), (start, ONCILLA_START))?;
        let key = lent_keys(key, 1)?.first().ok_or(ONCILLA_NULL)?;
        place.write(End { keys: lent, ends: Opens::new(self::side(side)?, key, start_at(start)?, boot) });
        Ok(())
    };
    // SAFETY: this function's condition.
    unsafe { init(opener, make) }
}

/// Initialises the acceptor, which accepts the sessions of a server or endpoint.
///
/// - `side` is ONCILLA_SIDE_HOST or ONCILLA_SIDE_DEVICE (ONCILLA_INVALID otherwise). The peers have the other side.
/// - `keys` has `count` keys, with different numbers. They are lent as long as the acceptor is used, and can be in flash. On
///   a serial line and on datagrams only the first ONCILLA_PLACES keys are accepted.
/// - `start` has 16 bytes (ONCILLA_START), which are copied; `oncilla_opener_init` describes it. The opener and the
///   acceptor of an endpoint need different starts.
/// - `boot` is the boot number, which differs after each start.
///
/// The acceptor may be lent to one object at a time. It is compared with other memory (ONCILLA_OVERLAP) only then. Lend
/// it to the object of the next connection without initialising it again: then the start does not repeat.
///
/// # Safety
/// `keys` points to `count` keys, and `start` to 16 bytes. Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_acceptor_init(
    acceptor: *mut Acceptor,
    side: u32,
    keys: *const Key,
    count: usize,
    start: *const u8,
    boot: u32,
) -> Status {
    // SAFETY: this function's condition; the keys are checked to be apart from what is written.
    let make = |place: *mut End<Accepting>| unsafe {
        let keys = lent_keys(keys, count)?;
        let lent = (keys.as_ptr().cast(), size_of_val(keys));
        apart(place_at(acceptor), lent)?;
        apart(place_at(acceptor), (start, ONCILLA_START))?;
        place.write(End { keys: lent, ends: Accepts::new(self::side(side)?, keys, start_at(start)?, boot) });
        Ok(())
    };
    // SAFETY: this function's condition.
    unsafe { init(acceptor, make) }
}

/// The ends of the sessions of a link, or NULL.
#[derive(Clone, Copy)]
pub(crate) struct Ends {
    opener: *mut Opener,
    acceptor: *mut Acceptor,
}

impl Ends {
    pub const NONE: Self = Self { opener: ptr::null_mut(), acceptor: ptr::null_mut() };

    pub const fn opener(opener: *mut Opener) -> Self {
        Self { opener, ..Self::NONE }
    }

    pub const fn acceptor(acceptor: *mut Acceptor) -> Self {
        Self { acceptor, ..Self::NONE }
    }

    pub const fn both(opener: *mut Opener, acceptor: *mut Acceptor) -> Self {
        Self { opener, acceptor }
    }

    /// Checks that neither the ends nor their keys share a byte with `memory`, which is written.
    ///
    /// # Safety
    /// The ends are in their place, or NULL.
    #[inline(never)]
    pub unsafe fn are_apart_from(&self, memory: Memory) -> Result<(), Overlap> {
        for part in [place_at(self.opener), place_at(self.acceptor)] {
            apart(part, memory)?;
        }
        // SAFETY: this function's condition.
        unsafe {
            apart(keys_of(self.opener), memory)?;
            apart(keys_of(self.acceptor), memory)
        }
    }
}

/// Returns the memory of the keys that were lent to an end.
///
/// # Safety
/// The end is in its place, or NULL.
unsafe fn keys_of<O: Kind>(end: *mut O) -> Memory {
    // SAFETY: this function's condition; the keys are the first part of the content, and only the other is in use.
    unsafe { content::<_, End<()>>(end).map_or(NOWHERE, |content| (*content).keys) }
}

/// Lends the opener to a link.
///
/// # Safety
/// Nothing else uses it as long as the link is used.
pub(crate) unsafe fn opens(opener: *mut Opener) -> Result<&'static mut Opening, Status> {
    // SAFETY: this function's condition.
    unsafe { content::<_, End<Opening>>(opener).map(|content| &mut (*content).ends) }
}

/// Lends the acceptor to a link.
///
/// # Safety
/// Nothing else uses it as long as the link is used.
pub(crate) unsafe fn accepts(acceptor: *mut Acceptor) -> Result<&'static mut Accepting, Status> {
    // SAFETY: this function's condition.
    unsafe { content::<_, End<Accepting>>(acceptor).map(|content| &mut (*content).ends) }
}

/// Both ends of an endpoint.
pub(crate) type BothEnds = Both<&'static mut Opening, &'static mut Accepting>;

/// Lends both to a link.
///
/// # Safety
/// Nothing else uses them as long as the link is used.
pub(crate) unsafe fn both(opener: *mut Opener, acceptor: *mut Acceptor) -> Result<BothEnds, Status> {
    // SAFETY: this function's condition.
    unsafe {
        apart(place_at(opener), place_at(acceptor))?;
        Ok(Both::new(opens(opener)?, accepts(acceptor)?))
    }
}
