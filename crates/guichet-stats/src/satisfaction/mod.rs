//! Satisfaction as pure figures: sums over reviews, and what is told of them. Nothing here knows a case.
//!
//! Sums are whole numbers that add up in any order and can be taken out again; rates are exact fractions of two of them.
//! A floating-point number is only what is made of them last. Where nobody reviewed anything there is no value: never 0 %
//! and never 100 %.

mod levels;
mod promoters;
mod reviews;
mod wilson;

pub use levels::{Levels, Weights};
pub use promoters::Recommendations;
pub use reviews::{Counted, Review, Reviews, Silence};
pub use wilson::{Alpha, Interval, NotAnAlpha, wilson};
