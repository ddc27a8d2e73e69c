//! Changes bytes at random, the same way for the same seed.

/// Numbers that look random (SplitMix64).
pub struct Random(pub u64);

impl Random {
    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// A number below `bound`, or 0.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.number() % bound.max(1) as u64) as usize
    }

    /// One of these.
    pub fn of<'t, T>(&mut self, all: &'t [T]) -> &'t T {
        &all[self.below(all.len())]
    }
}

/// Words that lengths, counts and numbers are likely to go wrong with.
const WORDS: [u32; 16] = [
    0,
    1,
    2,
    3,
    4,
    5,
    255,
    256,
    400,
    401,
    0x7fff_ffff,
    0x8000_0000,
    0x8000_0004,
    0xffff_fff8,
    0xffff_fffc,
    0xffff_ffff,
];

/// No input is made longer than this.
const LONGEST: usize = 2048;

/// Another input, made of one or two seeds.
pub fn mutated(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = random.of(seeds).clone();
    for _ in 0..=random.below(6) {
        change(&mut bytes, seeds, random);
    }
    bytes.truncate(LONGEST);
    bytes
}

/// One change.
fn change(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut Random) {
    let place = random.below(bytes.len() + 1);
    match random.below(10) {
        0 => set(bytes, place, &[random.number() as u8]),
        1 => {
            if let Some(byte) = bytes.get_mut(place) {
                *byte ^= 1 << random.below(8);
            }
        }
        // Words stand at multiples of four, or behind bytes that choose something.
        2 | 3 => set(bytes, place & !3, &random.of(&WORDS).to_be_bytes()),
        4 => set(bytes, place, &random.of(&WORDS).to_be_bytes()),
        5 => bytes.truncate(place),
        6 => {
            let end = (place + random.below(9)).min(bytes.len());
            bytes.drain(place..end);
        }
        7 => {
            let length = random.below(9);
            let new: Vec<u8> = (0..length)
                .map(|_| {
                    let any = random.number() as u8;
                    *random.of(&[0, 0, 1, 0xff, any])
                })
                .collect();
            bytes.splice(place..place, new);
        }
        8 => {
            let end = (place + random.below(40)).min(bytes.len());
            let copy = bytes[place..end].to_vec();
            let place = random.below(bytes.len() + 1);
            bytes.splice(place..place, copy);
        }
        _ => {
            let other = random.of(seeds);
            let from = random.below(other.len() + 1);
            bytes.truncate(place);
            bytes.extend(&other[from..]);
        }
    }
}

/// Puts bytes over those at a place, as far as there are any.
fn set(bytes: &mut [u8], place: usize, new: &[u8]) {
    for (place, byte) in bytes.iter_mut().skip(place).zip(new) {
        *place = *byte;
    }
}
