//! Calls that were seen before, in a bounded window.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};

/// Remembers the last calls, by a keyed check of 64 bits each.
#[derive(Debug)]
pub struct Seen {
    limit: usize,
    order: VecDeque<u64>,
    known: HashSet<u64>,
    // Keyed, so that callers cannot construct two calls with one check.
    hasher: RandomState,
}

impl Seen {
    /// Returns a window of this many calls.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { limit, order: VecDeque::new(), known: HashSet::new(), hasher: RandomState::new() }
    }

    /// Returns whether a call is new, and remembers it.
    pub fn is_new(&mut self, caller: &[u8], correlation: &[u8]) -> bool {
        let check = self.hasher.hash_one((caller, correlation));
        if !self.known.insert(check) {
            return false;
        }
        self.order.push_back(check);
        if self.order.len() > self.limit {
            self.order.pop_front().iter().for_each(|oldest| {
                self.known.remove(oldest);
            });
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_call_is_known_as_long_as_the_window_lasts() {
        let mut seen = Seen::new(3);
        assert!(seen.is_new(b"a", b"1"));
        assert!(!seen.is_new(b"a", b"1"));
        assert!(seen.is_new(b"b", b"1") && seen.is_new(b"a", b"2"));
        assert!(!seen.is_new(b"a", b"1"));
        assert!(seen.is_new(b"a", b"3"));
        assert!(seen.is_new(b"a", b"1"));
    }

    #[test]
    fn caller_and_correlation_are_kept_apart() {
        let mut seen = Seen::new(9);
        assert!(seen.is_new(b"a", b"bc") && seen.is_new(b"ab", b"c"));
    }

    #[test]
    fn it_is_the_model_of_a_list_under_random_calls() {
        let mut random = fastrand::Rng::with_seed(3);
        let mut seen = Seen::new(20);
        let mut model: VecDeque<u8> = VecDeque::new();
        for _ in 0..10_000 {
            let call = random.u8(..40);
            let new = !model.contains(&call);
            if new {
                model.push_back(call);
                if model.len() > 20 {
                    model.pop_front();
                }
            }
            assert_eq!(seen.is_new(b"", &[call]), new);
        }
    }
}
