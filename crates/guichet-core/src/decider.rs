//! The seam between rules and everything else: what decides, and what it decides over.

use crate::time::Timestamp;

/// Pure decision logic over one stream of events. The value is the rule book.
pub trait Decider {
    /// What the events of a stream fold to.
    type State: Default;
    /// What may be asked.
    type Command;
    /// What happened.
    type Event;
    /// The rules' *no*.
    type Rejection: std::error::Error;

    /// What follows from a command in a state, at a moment.
    ///
    /// # Errors
    ///
    /// The rejection: the rules say no, and nothing happens.
    fn decide(
        &self,
        state: &Self::State,
        command: &Self::Command,
        now: Timestamp,
    ) -> Result<Vec<Self::Event>, Self::Rejection>;

    /// The state after an event. It cannot see the rules, so a change of the rules never changes the past.
    fn evolve(state: Self::State, event: &Self::Event) -> Self::State;
}
