//! What the writer remembers: cases in use, folded, and the commands of the last while.

use std::collections::{HashMap, VecDeque};

use guichet_core::case::CaseState;
use guichet_core::id::{CaseId, CommandId, Position, Revision};

/// How many commands the writer remembers by id. A command that was checked against the log before the oldest of them
/// is checked again.
const RECENT_COMMANDS_MAX: usize = 65_536;

/// A case as the writer knows it: with everything staged, durable or not.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hot {
    pub(crate) state: CaseState,
    /// The revision of its last record.
    pub(crate) head: Option<Revision>,
}

/// The cases in use, in two generations: what is not used while the younger one fills up is let go.
pub(crate) struct HotCases {
    young: HashMap<CaseId, Hot>,
    old: HashMap<CaseId, Hot>,
    generation_cases_max: usize,
}

impl HotCases {
    pub(crate) fn new(cases_max: usize) -> Self {
        Self {
            young: HashMap::new(),
            old: HashMap::new(),
            generation_cases_max: (cases_max / 2).max(1),
        }
    }

    /// Takes a case out to work on it.
    pub(crate) fn take(&mut self, case: &CaseId) -> Option<Hot> {
        self.young.remove(case).or_else(|| self.old.remove(case))
    }

    /// Puts a case back, and says which cases were let go for it.
    pub(crate) fn put(&mut self, case: CaseId, hot: Hot) -> Option<HashMap<CaseId, Hot>> {
        let full = self.young.len() >= self.generation_cases_max;
        let gone = full.then(|| std::mem::replace(&mut self.old, std::mem::take(&mut self.young)));
        self.young.insert(case, hot);
        gone.filter(|gone| !gone.is_empty())
    }
}

/// The commands that were accepted of late, and since when the list is whole.
pub(crate) struct Recent {
    by_id: HashMap<CommandId, [u8; 8]>,
    /// The position of the last command on each case.
    touched: HashMap<CaseId, Position>,
    in_order: VecDeque<(Position, CommandId, CaseId)>,
    whole_from: Position,
}

impl Recent {
    pub(crate) fn new(head: Position) -> Self {
        Self {
            by_id: HashMap::new(),
            touched: HashMap::new(),
            in_order: VecDeque::new(),
            whole_from: head,
        }
    }

    /// The digest of a command that was accepted of late.
    pub(crate) fn digest(&self, command: &CommandId) -> Option<[u8; 8]> {
        self.by_id.get(command).copied()
    }

    /// Whether every command accepted since the log reached `head` is on the list.
    pub(crate) fn is_whole_since(&self, head: Position) -> bool {
        self.whole_from <= head
    }

    /// Whether no command accepted since the log reached `head` was about this case.
    pub(crate) fn is_untouched_since(&self, case: &CaseId, head: Position) -> bool {
        self.is_whole_since(head) && self.touched.get(case).is_none_or(|touched| *touched < head)
    }

    pub(crate) fn insert(&mut self, position: Position, command: CommandId, digest: [u8; 8], case: CaseId) {
        if self.in_order.len() >= RECENT_COMMANDS_MAX
            && let Some((position, oldest, case)) = self.in_order.pop_front()
        {
            self.by_id.remove(&oldest);
            if self.touched.get(&case) == Some(&position) {
                self.touched.remove(&case);
            }
            self.whole_from = position.next();
        }
        self.in_order.push_back((position, command.clone(), case.clone()));
        self.by_id.insert(command, digest);
        self.touched.insert(case, position);
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
            cases.put(id(1000), used);
            cases.put(id(n), Hot::default());
        }
        assert!(cases.take(&id(1000)).is_some());
        assert!(cases.take(&id(3)).is_none());
        assert!(cases.young.len() + cases.old.len() <= 4);
    }

    #[test]
    fn a_case_is_untouched_only_since_its_last_command() {
        let (case, other) = (CaseId::new("a").unwrap(), CaseId::new("b").unwrap());
        let mut recent = Recent::new(Position(5));
        recent.insert(Position(7), CommandId::new("k").unwrap(), [0; 8], case.clone());
        assert!(!recent.is_untouched_since(&case, Position(7)));
        assert!(recent.is_untouched_since(&case, Position(8)));
        assert!(recent.is_untouched_since(&other, Position(5)));
        assert!(!recent.is_untouched_since(&other, Position(4)));
    }

    #[test]
    fn a_list_that_forgot_a_command_says_so() {
        let id = |n: u64| CommandId::new(&format!("k{n}")).unwrap();
        let mut recent = Recent::new(Position(5));
        for n in 0..=RECENT_COMMANDS_MAX as u64 {
            recent.insert(Position(5 + n), id(n), [0; 8], CaseId::new("c").unwrap());
        }
        assert_eq!(recent.digest(&id(0)), None);
        assert_eq!(recent.digest(&id(1)), Some([0; 8]));
        assert!(!recent.is_whole_since(Position(5)));
        assert!(recent.is_whole_since(Position(6)));
    }
}
