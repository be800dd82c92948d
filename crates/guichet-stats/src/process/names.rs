//! Names by number: a log says the same few names millions of times.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Names, each with a number in the order in which they came.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    numbers: BTreeMap<Arc<str>, u32>,
    names: Vec<Arc<str>>,
}

impl Names {
    /// The number of a name.
    pub(super) fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        // More names than 32 bits number do not fit into memory.
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        let name: Arc<str> = name.into();
        self.names.push(Arc::clone(&name));
        self.numbers.insert(name, number);
        number
    }

    /// The name of a number.
    pub(super) fn name(&self, number: u32) -> &str {
        let place = usize::try_from(number).ok();
        place
            .and_then(|place| self.names.get(place))
            .map_or("", |name| name)
    }
}

/// What an event was, and who did it: an activity, and the person, group and role as far as they are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Label {
    pub(super) activity: u32,
    /// By [`Who`](super::Who): person, group, role.
    pub(super) who: [Option<u32>; 3],
}

/// Labels by number: one number stands for four names in each event.
#[derive(Clone, Debug, Default)]
pub(super) struct Labels {
    numbers: BTreeMap<Label, u32>,
    labels: Vec<Label>,
}

impl Labels {
    pub(super) fn number(&mut self, label: Label) -> u32 {
        if let Some(number) = self.numbers.get(&label) {
            return *number;
        }
        let number = u32::try_from(self.labels.len()).unwrap_or(u32::MAX);
        self.labels.push(label);
        self.numbers.insert(label, number);
        number
    }

    pub(super) fn label(&self, number: u32) -> Option<Label> {
        self.labels.get(usize::try_from(number).ok()?).copied()
    }
}
