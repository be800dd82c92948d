//! Satisfaction as pure figures: sums over ratings, and what is told of them. Nothing here knows a case.
//!
//! Sums are whole numbers that add up in any order and can be taken out again; rates are exact fractions of two of them.
//! A floating-point number is only what is made of them last. Where nobody rated anything there is no value: never 0 %
//! and never 100 %.

mod levels;
mod promoters;
mod sums;
mod wilson;

pub use levels::{Levels, Weights};
pub use promoters::Recommendations;
pub use sums::{Counted, Rated, RatingSums, Silence};
pub use wilson::{Alpha, Interval, NotAnAlpha, wilson};
