//! What the writer remembers: cases in use, folded, and the commands of the last while.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use guichet_core::case::CaseState;
use guichet_core::id::{CaseId, CommandId, Position, Revision, StreamId};

/// How many commands the writer remembers by id, at least: some times as many as may wait for it. A command that was
/// checked against the log before the oldest of them is checked again.
const RECENT_COMMANDS: usize = 16_384;

/// A case as the writer knows it: with everything staged, durable or not.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hot {
    pub(crate) state: CaseState,
    /// The revision of its last record.
    pub(crate) head: Option<Revision>,
    /// The name of its stream, once something was recorded from here.
    pub(crate) stream: Option<StreamId>,
}

/// The cases in use, in two generations: what is not used while the younger one fills up is let go.
pub(crate) struct HotCases {
    young: HashMap<CaseId, Hot, RandomState>,
    old: HashMap<CaseId, Hot, RandomState>,
    generation_cases_max: usize,
    /// How far the log reached, durable or staged, when cases were last let go.
    dropped_at: Position,
}

impl HotCases {
    pub(crate) fn new(cases_max: usize) -> Self {
        Self {
            young: HashMap::default(),
            old: HashMap::default(),
            generation_cases_max: (cases_max / 2).max(1),
            dropped_at: Position::START,
        }
    }

    /// Takes a case out to work on it.
    pub(crate) fn take(&mut self, case: &CaseId) -> Option<Hot> {
        self.young.remove(case).or_else(|| self.old.remove(case))
    }

    /// Puts a case back while the log reaches to `head`, and says which cases were let go for it.
    pub(crate) fn put(
        &mut self,
        case: CaseId,
        hot: Hot,
        head: Position,
    ) -> Option<HashMap<CaseId, Hot, RandomState>> {
        let full = self.young.len() >= self.generation_cases_max;
        let gone = full.then(|| std::mem::replace(&mut self.old, std::mem::take(&mut self.young)));
        self.young.insert(case, hot);
        let gone = gone.filter(|gone| !gone.is_empty())?;
        self.dropped_at = head;
        Some(gone)
    }

    /// Whether a case that is not kept has had no command since the log reached `head`: one that had would have been kept
    /// then, and nothing was let go since.
    pub(crate) fn kept_all_since(&self, head: Position) -> bool {
        self.dropped_at <= head
    }
}

/// The commands that were accepted of late, in two generations, and since when the list is whole.
pub(crate) struct Recent {
    young: HashMap<CommandId, [u8; 8], RandomState>,
    old: HashMap<CommandId, [u8; 8], RandomState>,
    young_from: Position,
    whole_from: Position,
}

impl Recent {
    pub(crate) fn new(head: Position) -> Self {
        Self {
            young: HashMap::default(),
            old: HashMap::default(),
            young_from: head,
            whole_from: head,
        }
    }

    /// The digest of a command that was accepted of late.
    pub(crate) fn digest(&self, command: &CommandId) -> Option<[u8; 8]> {
        self.young.get(command).or_else(|| self.old.get(command)).copied()
    }

    /// Whether every command accepted since the log reached `head` is on the list.
    pub(crate) fn is_whole_since(&self, head: Position) -> bool {
        self.whole_from <= head
    }

    /// Notes a command whose first record has this position.
    pub(crate) fn insert(&mut self, position: Position, command: CommandId, digest: [u8; 8]) {
        if self.young.len() >= RECENT_COMMANDS {
            self.old.clear();
            std::mem::swap(&mut self.young, &mut self.old);
            self.whole_from = self.young_from;
            self.young_from = position;
        }
        self.young.insert(command, digest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_in_use_is_kept_and_one_that_is_not_is_let_go() {
        let id = |n: usize| CaseId::new(&format!("c{n}")).unwrap();
        let mut cases = HotCases::new(4);
        for n in 0..100 {
            let used = cases.take(&id(1000)).unwrap_or_default();
            cases.put(id(1000), used, Position(0));
            cases.put(id(n), Hot::default(), Position(0));
        }
        assert!(cases.take(&id(1000)).is_some());
        assert!(cases.take(&id(3)).is_none());
        assert!(cases.young.len() + cases.old.len() <= 4);
    }

    #[test]
    fn what_was_let_go_is_known_to_be_gone_since_when() {
        let id = |n: usize| CaseId::new(&format!("c{n}")).unwrap();
        let mut cases = HotCases::new(4);
        for n in 0..4 {
            assert!(
                cases
                    .put(id(n), Hot::default(), Position(10 + n as u64))
                    .is_none()
            );
        }
        assert!(cases.kept_all_since(Position(0)));
        // The first two are let go when the log reaches to 14: whoever looked before that has to look again.
        assert_eq!(
            cases
                .put(id(4), Hot::default(), Position(14))
                .map(|gone| gone.len()),
            Some(2)
        );
        assert!(!cases.kept_all_since(Position(13)));
        assert!(cases.kept_all_since(Position(14)));
    }

    #[test]
    fn a_list_that_forgot_a_command_says_so() {
        let id = |n: u64| CommandId::new(&format!("k{n}")).unwrap();
        let generation = RECENT_COMMANDS as u64;
        let mut recent = Recent::new(Position(5));
        for n in 0..2 * generation {
            recent.insert(Position(5 + n), id(n), [0; 8]);
        }
        assert_eq!(recent.digest(&id(0)), Some([0; 8]));
        assert!(recent.is_whole_since(Position(5)));
        recent.insert(Position(5 + 2 * generation), id(2 * generation), [1; 8]);
        assert_eq!(recent.digest(&id(2 * generation)), Some([1; 8]));
        assert_eq!(recent.digest(&id(generation - 1)), None);
        assert_eq!(recent.digest(&id(generation)), Some([0; 8]));
        assert!(!recent.is_whole_since(Position(4 + generation)));
        assert!(recent.is_whole_since(Position(5 + generation)));
    }
}
