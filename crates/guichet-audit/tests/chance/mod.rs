//! What the suites of tampering share: numbers that look random, and how often each thing is done.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail by panicking, like the tests"
)]

/// Numbers that look random and are the same each time (xorshift).
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).unwrap()
    }

    pub(crate) fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// How often something is done that a full run does so many times: a part of it, or as many twentieths as `TAMPERINGS` says.
pub(crate) fn times(in_full: usize, part: usize) -> usize {
    let twentieths = std::env::var("TAMPERINGS").ok();
    let twentieths = twentieths.and_then(|twentieths| twentieths.parse::<usize>().ok());
    twentieths.map_or(in_full / part, |twentieths| in_full * twentieths / 20)
}
