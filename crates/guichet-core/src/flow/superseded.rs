//! What a return to an earlier step makes void: a function of the tree and of the step alone.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Block;
use crate::id::{BlockId, StepId};

/// What a return to an earlier step, or the reopening of a case, makes void.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Superseded {
    /// Steps that must be done again, or that were open and are taken back.
    pub steps: BTreeSet<StepId>,
    /// Groups, choices and optional blocks to be entered anew, as if they had never been reached.
    pub blocks: BTreeSet<BlockId>,
    /// Groups around the target: they are open again. So are groups beside it, where the end of a group around both had
    /// closed them.
    pub reopened: BTreeSet<BlockId>,
    /// The branches of those groups that have to arrive again, as group and branch.
    pub arrivals: BTreeSet<(BlockId, BlockId)>,
    /// Steps beside the target: where the end of their group had released them, they are asked for again.
    pub revived: BTreeSet<StepId>,
}

impl Superseded {
    /// What stands beside the target stays, but is asked for again where its group had gone on without it.
    fn beside(&mut self, branch: &Block) {
        branch.walk(&mut |inner| match inner {
            Block::Step(step) => {
                self.revived.insert(step.id.clone());
            }
            Block::Parallel(inner) => {
                self.reopened.insert(inner.id.clone());
            }
            Block::Sequence(_) | Block::Choice(_) | Block::Optional(_) | Block::Procedure(_) => {}
        });
    }

    fn everything_in(&mut self, block: &Block) {
        block.walk(&mut |inner| match inner {
            Block::Step(step) => {
                self.steps.insert(step.id.clone());
            }
            Block::Parallel(_) | Block::Choice(_) | Block::Optional(_) => self.blocks.extend(inner.id()),
            Block::Sequence(_) | Block::Procedure(_) => {}
        });
    }
}

impl Block {
    /// Everything that a return to `target` makes void: the step itself, and every step, group, choice and optional
    /// block that comes after it in a sequence around it. Branches beside it stay as they are, but each group around
    /// it is entered again.
    #[must_use]
    pub fn superseded_by(&self, target: &StepId) -> Option<Superseded> {
        self.superseded(&|block| match block {
            Self::Step(step) => (step.id == *target).then(|| Superseded {
                steps: BTreeSet::from([step.id.clone()]),
                ..Superseded::default()
            }),
            Self::Sequence(_)
            | Self::Parallel(_)
            | Self::Choice(_)
            | Self::Optional(_)
            | Self::Procedure(_) => None,
        })
    }

    /// As [`superseded_by`](Self::superseded_by), for a branch that was added to a group at run time.
    #[must_use]
    pub fn superseded_by_added(
        &self,
        group: &BlockId,
        branch: &BlockId,
        step: &StepId,
    ) -> Option<Superseded> {
        self.superseded(&|block| match block {
            Self::Parallel(drawn) if drawn.id == *group => {
                let mut void = Superseded {
                    steps: BTreeSet::from([step.clone()]),
                    arrivals: BTreeSet::from([(group.clone(), branch.clone())]),
                    reopened: BTreeSet::from([group.clone()]),
                    ..Superseded::default()
                };
                drawn.branches.iter().for_each(|beside| void.beside(beside));
                Some(void)
            }
            Self::Step(_)
            | Self::Sequence(_)
            | Self::Parallel(_)
            | Self::Choice(_)
            | Self::Optional(_)
            | Self::Procedure(_) => None,
        })
    }

    /// What a return makes void, where `hit` says what it does to the block that it goes to.
    fn superseded(&self, hit: &dyn Fn(&Self) -> Option<Superseded>) -> Option<Superseded> {
        if let Some(void) = hit(self) {
            return Some(void);
        }
        match self {
            Self::Step(_) => None,
            Self::Sequence(blocks) => {
                let (at, mut void) = blocks
                    .iter()
                    .enumerate()
                    .find_map(|(at, block)| Some((at, block.superseded(hit)?)))?;
                blocks
                    .iter()
                    .skip(at + 1)
                    .for_each(|block| void.everything_in(block));
                Some(void)
            }
            Self::Parallel(group) => {
                let (at, mut void) = group
                    .branches
                    .iter()
                    .enumerate()
                    .find_map(|(at, branch)| Some((at, branch.superseded(hit)?)))?;
                for (beside, branch) in group.branches.iter().enumerate() {
                    if beside == at {
                        void.arrivals
                            .extend(branch.id().map(|branch| (group.id.clone(), branch)));
                    } else {
                        void.beside(branch);
                    }
                }
                void.reopened.insert(group.id.clone());
                Some(void)
            }
            Self::Choice(_) | Self::Optional(_) | Self::Procedure(_) => {
                self.children().find_map(|child| child.superseded(hit))
            }
        }
    }
}
