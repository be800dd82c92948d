//! Soundness: what is wrong with the shape of a flow, before any case runs through it.
//!
//! A sound flow always reaches an end: every block has something inside, every name means one thing, and every join can
//! be reached.

use std::collections::BTreeSet;

use super::{Block, FLOW_DEPTH_MAX, FLOW_STEPS_MAX, Join, Parallel, Step};
use crate::id::{BlockId, ProcedureId, StepId};

/// One thing wrong with the shape of a flow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsound {
    /// Two steps have one id.
    #[error("the step id `{step}` is used more than once; give each step of the flow its own id")]
    DuplicateStep {
        /// The id.
        step: StepId,
    },
    /// Two groups, choices, optional blocks or sub-flows have one id.
    #[error(
        "the block id `{block}` is used more than once; give each group, choice, optional block and sub-flow its own id"
    )]
    DuplicateBlock {
        /// The id.
        block: BlockId,
    },
    /// Two branches of a group go by one name, so the group cannot tell which has arrived.
    #[error("two branches of the group `{group}` go by the name `{branch}`; give one of them another id")]
    DuplicateBranch {
        /// The group.
        group: BlockId,
        /// The name.
        branch: BlockId,
    },
    /// A sequence with nothing in it.
    #[error("a sequence{} is empty; write at least one block into it, or take it out", inside(within.as_ref()))]
    EmptySequence {
        /// The named block around it, if there is one.
        within: Option<BlockId>,
    },
    /// A group without branches.
    #[error("the group `{group}` has no branches; write at least one, or take the group out")]
    NoBranches {
        /// The group.
        group: BlockId,
    },
    /// A branch that has no name.
    #[error(
        "branch {number} of the group `{group}` has no id, so nobody could tell that it arrived; begin it with a step or give it an id"
    )]
    NamelessBranch {
        /// The group.
        group: BlockId,
        /// Which branch, from 1.
        number: usize,
    },
    /// A quorum that no number of answers can mean.
    #[error(
        "the group `{group}` asks for a quorum of {quorum} among {branches} branches; write 1 to {branches}"
    )]
    Quorum {
        /// The group.
        group: BlockId,
        /// What is asked for.
        quorum: u16,
        /// How many branches there are.
        branches: usize,
    },
    /// A veto for something that is no branch.
    #[error(
        "the group `{group}` gives a veto to `{named}`, which is none of its branches; its branches are {branches}"
    )]
    VetoNamesNoBranch {
        /// The group.
        group: BlockId,
        /// What is named.
        named: BlockId,
        /// The branches there are, as a list.
        branches: String,
    },
    /// A rule of silence for something that is no member.
    #[error(
        "the silence of `{named}` is to count in the group `{group}`, which has no such step; name steps of its branches"
    )]
    SilenceNamesNoMember {
        /// The group.
        group: BlockId,
        /// What is named.
        named: StepId,
    },
    /// A rule of silence for a step that guards safety.
    #[error(
        "the silence of `{named}` is to count in the group `{group}`, but that step guards safety; silence never means consent there"
    )]
    SilenceOnSafety {
        /// The group.
        group: BlockId,
        /// The step.
        named: StepId,
    },
    /// Four eyes with a step that is not there.
    #[error("the step `{step}` needs other eyes than `{named}`, which is no step of this flow")]
    FourEyesUnknown {
        /// The step.
        step: StepId,
        /// What is named.
        named: StepId,
    },
    /// Four eyes with a step that cannot have been done by then.
    #[error(
        "the step `{step}` needs other eyes than `{named}`, which can never come before it; name an earlier step"
    )]
    FourEyesNeverBefore {
        /// The step.
        step: StepId,
        /// What is named.
        named: StepId,
    },
    /// A decision that others run beside.
    #[error(
        "the step `{step}` decides the case inside the group `{group}`, while other branches still run; put the decision after the group"
    )]
    DecidesInGroup {
        /// The step.
        step: StepId,
        /// The group.
        group: BlockId,
    },
    /// A second decision on one way through the flow.
    #[error("the step `{step}` decides the case after `{earlier}` has decided it; a case is decided once")]
    DecidesTwice {
        /// The step.
        step: StepId,
        /// The earlier one.
        earlier: StepId,
    },
    /// More nesting than a walk may follow.
    #[error(
        "the flow nests deeper than {FLOW_DEPTH_MAX} blocks; take parts out into procedures of their own"
    )]
    TooDeep,
    /// More steps than anybody reads.
    #[error("the flow has {steps} steps, and {FLOW_STEPS_MAX} is the most; split the procedure")]
    TooManySteps {
        /// How many there are.
        steps: usize,
    },
    /// A sub-flow whose steps are not there yet.
    #[error(
        "the sub-flow `{block}` stands for the flow of `{procedure}`, which was not filled in; publish both together"
    )]
    Unresolved {
        /// The block.
        block: BlockId,
        /// The procedure.
        procedure: ProcedureId,
    },
}

impl Unsound {
    /// The id to look for on the page: of a step or of a block; none for what is wrong with the flow as a whole.
    #[must_use]
    pub fn at(&self) -> Option<&str> {
        match self {
            Self::DuplicateStep { step }
            | Self::FourEyesUnknown { step, .. }
            | Self::FourEyesNeverBefore { step, .. }
            | Self::DecidesInGroup { step, .. }
            | Self::DecidesTwice { step, .. } => Some(step.as_str()),
            Self::DuplicateBlock { block } | Self::Unresolved { block, .. } => Some(block.as_str()),
            Self::DuplicateBranch { group, .. }
            | Self::NoBranches { group }
            | Self::NamelessBranch { group, .. }
            | Self::Quorum { group, .. }
            | Self::VetoNamesNoBranch { group, .. }
            | Self::SilenceNamesNoMember { group, .. }
            | Self::SilenceOnSafety { group, .. } => Some(group.as_str()),
            Self::EmptySequence { within } => within.as_ref().map(BlockId::as_str),
            Self::TooDeep | Self::TooManySteps { .. } => None,
        }
    }
}

fn inside(block: Option<&BlockId>) -> String {
    block
        .map(|block| format!(" inside `{block}`"))
        .unwrap_or_default()
}

/// Everything that is wrong with the shape of `flow`, in the order of the page; nothing for a sound flow.
///
/// Ids of departments, windows and people are not looked at: they are right or wrong only beside a directory.
///
/// ```
/// # use guichet_core::flow::{Block, Step, soundness};
/// # use guichet_core::id::StepId;
/// let intake = || StepId::new("intake").map(|id| Block::Step(Box::new(Step::new(id))));
/// assert!(soundness::check(&intake()?).is_empty());
/// let twice = soundness::check(&Block::Sequence(vec![intake()?, intake()?]));
/// assert_eq!(
///     twice[0].to_string(),
///     "the step id `intake` is used more than once; give each step of the flow its own id"
/// );
/// # Ok::<(), guichet_core::id::IdError>(())
/// ```
#[must_use]
pub fn check(flow: &Block) -> Vec<Unsound> {
    if deeper_than(flow, FLOW_DEPTH_MAX) {
        return vec![Unsound::TooDeep];
    }
    let steps = flow.steps();
    if steps.len() > FLOW_STEPS_MAX {
        return vec![Unsound::TooManySteps { steps: steps.len() }];
    }
    let mut found = Found {
        flow,
        steps: BTreeSet::new(),
        blocks: BTreeSet::new(),
        choices: BTreeSet::new(),
        unsound: Vec::new(),
    };
    found.block(flow, None);
    for step in steps {
        found.four_eyes(step);
    }
    found.decisions(flow, None, &mut Vec::new());
    found.unsound
}

/// Whether blocks nest deeper than `levels`; looks no further down than that.
#[must_use]
pub fn deeper_than(flow: &Block, levels: usize) -> bool {
    match levels.checked_sub(1) {
        None => true,
        Some(below) => flow.children().any(|child| deeper_than(child, below)),
    }
}

struct Found<'a> {
    flow: &'a Block,
    steps: BTreeSet<&'a StepId>,
    blocks: BTreeSet<BlockId>,
    choices: BTreeSet<BlockId>,
    unsound: Vec<Unsound>,
}

impl<'a> Found<'a> {
    fn block(&mut self, block: &'a Block, within: Option<&BlockId>) {
        match block {
            Block::Step(step) => {
                if !self.steps.insert(&step.id) {
                    self.add(Unsound::DuplicateStep {
                        step: step.id.clone(),
                    });
                }
            }
            Block::Sequence(blocks) => {
                if blocks.is_empty() {
                    self.add(Unsound::EmptySequence {
                        within: within.cloned(),
                    });
                }
            }
            Block::Parallel(group) => {
                self.name(&group.id);
                self.group(group);
            }
            Block::Choice(choice) => {
                if let Some(id) = &choice.id {
                    self.name(id);
                }
                // A choice without an id goes by that of its first block, and two nested ones would share it.
                if let Some(id) = block.id()
                    && !self.choices.insert(id.clone())
                {
                    self.add(Unsound::DuplicateBlock { block: id });
                }
            }
            Block::Optional(optional) => self.name(&optional.id),
            Block::Procedure(sub) => {
                if let Some(id) = block.id() {
                    self.name(&id);
                    if sub.flow.is_none() {
                        self.add(Unsound::Unresolved {
                            block: id,
                            procedure: sub.procedure.clone(),
                        });
                    }
                }
            }
        }
        let own = match block {
            Block::Parallel(_) | Block::Optional(_) | Block::Procedure(_) => block.id(),
            Block::Choice(choice) => choice.id.clone(),
            Block::Step(_) | Block::Sequence(_) => None,
        };
        for child in block.children() {
            self.block(child, own.as_ref().or(within));
        }
    }

    fn name(&mut self, id: &BlockId) {
        if !self.blocks.insert(id.clone()) {
            self.add(Unsound::DuplicateBlock { block: id.clone() });
        }
    }

    fn group(&mut self, group: &Parallel) {
        let id = || group.id.clone();
        if group.branches.is_empty() {
            self.add(Unsound::NoBranches { group: id() });
            return;
        }
        let mut names = BTreeSet::new();
        for (at, branch) in group.branches.iter().enumerate() {
            match branch.id() {
                None => self.add(Unsound::NamelessBranch {
                    group: id(),
                    number: at + 1,
                }),
                Some(branch) if names.contains(&branch) => {
                    self.add(Unsound::DuplicateBranch { group: id(), branch });
                }
                Some(branch) => {
                    names.insert(branch);
                }
            }
        }
        match group.join {
            Join::Quorum(quorum) if quorum == 0 || usize::from(quorum) > group.branches.len() => {
                self.add(Unsound::Quorum {
                    group: id(),
                    quorum,
                    branches: group.branches.len(),
                });
            }
            Join::All | Join::Any | Join::Quorum(_) => {}
        }
        for named in group.veto.iter().filter(|named| !names.contains(*named)) {
            let branches: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
            self.add(Unsound::VetoNamesNoBranch {
                group: id(),
                named: named.clone(),
                branches: branches.join(", "),
            });
        }
        for named in group.silence.iter().flat_map(|silence| &silence.only) {
            match group.branches.iter().find_map(|branch| branch.step(named)) {
                None => self.add(Unsound::SilenceNamesNoMember {
                    group: id(),
                    named: named.clone(),
                }),
                Some(step) if step.safety => self.add(Unsound::SilenceOnSafety {
                    group: id(),
                    named: named.clone(),
                }),
                Some(_) => {}
            }
        }
    }

    fn four_eyes(&mut self, step: &Step) {
        for named in &step.four_eyes {
            if self.flow.step(named).is_none() {
                self.add(Unsound::FourEyesUnknown {
                    step: step.id.clone(),
                    named: named.clone(),
                });
            } else if !may_precede(self.flow, named, &step.id) {
                self.add(Unsound::FourEyesNeverBefore {
                    step: step.id.clone(),
                    named: named.clone(),
                });
            }
        }
    }

    /// Walks in the order of the page; `decided` holds the decisions on the way to here.
    fn decisions(&mut self, block: &Block, group: Option<&BlockId>, decided: &mut Vec<StepId>) {
        match block {
            Block::Step(step) if step.decides => {
                if let Some(group) = group {
                    self.add(Unsound::DecidesInGroup {
                        step: step.id.clone(),
                        group: group.clone(),
                    });
                } else if let Some(earlier) = decided.last() {
                    self.add(Unsound::DecidesTwice {
                        step: step.id.clone(),
                        earlier: earlier.clone(),
                    });
                }
                decided.push(step.id.clone());
            }
            Block::Step(_) => {}
            Block::Parallel(group) => {
                for branch in &group.branches {
                    self.decisions(branch, Some(&group.id), &mut Vec::new());
                }
            }
            Block::Choice(choice) => {
                // One case takes one side, so each side may decide.
                let before = decided.len();
                let mut other = decided.clone();
                self.decisions(&choice.then, group, decided);
                if let Some(otherwise) = &choice.otherwise {
                    self.decisions(otherwise, group, &mut other);
                    decided.extend(other.into_iter().skip(before));
                }
            }
            Block::Sequence(_) | Block::Optional(_) | Block::Procedure(_) => {
                for child in block.children() {
                    self.decisions(child, group, decided);
                }
            }
        }
    }

    fn add(&mut self, unsound: Unsound) {
        if !self.unsound.contains(&unsound) {
            self.unsound.push(unsound);
        }
    }
}

/// Whether there is a way through the flow on which `first` is done before `second` is asked for.
fn may_precede(block: &Block, first: &StepId, second: &StepId) -> bool {
    let holding = |id: &StepId| block.children().position(|child| child.step(id).is_some());
    match (holding(first), holding(second)) {
        (Some(one), Some(other)) if one == other => block
            .children()
            .nth(one)
            .is_some_and(|child| may_precede(child, first, second)),
        (Some(one), Some(other)) => match block {
            Block::Sequence(_) => one < other,
            Block::Parallel(_) => true,
            // A case takes one side of a choice; the others have one child.
            Block::Choice(_) | Block::Step(_) | Block::Optional(_) | Block::Procedure(_) => false,
        },
        (None, _) | (_, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::{Choice, MemberSilence, Optional, SilenceEffect, SilenceNeeds, SubFlow};
    use crate::time::Term;

    fn step_id(id: &str) -> StepId {
        StepId::new(id).unwrap()
    }

    fn block_id(id: &str) -> BlockId {
        BlockId::new(id).unwrap()
    }

    fn step(id: &str) -> Block {
        Block::Step(Box::new(Step::new(step_id(id))))
    }

    fn step_with(id: &str, change: impl FnOnce(&mut Step)) -> Block {
        let mut step = Step::new(step_id(id));
        change(&mut step);
        Block::Step(Box::new(step))
    }

    fn group(id: &str, branches: Vec<Block>) -> Parallel {
        Parallel {
            id: block_id(id),
            name: None,
            lead: None,
            join: Join::All,
            veto: Vec::new(),
            silence: None,
            term: None,
            branches,
        }
    }

    fn parallel(group: Parallel) -> Block {
        Block::Parallel(Box::new(group))
    }

    fn choice(id: Option<&str>, then: Block, otherwise: Option<Block>) -> Block {
        Block::Choice(Box::new(Choice {
            id: id.map(block_id),
            when: "case.a".parse().unwrap(),
            then,
            otherwise,
        }))
    }

    fn messages(flow: &Block) -> Vec<String> {
        check(flow).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_sound_flow_has_no_findings() {
        let flow = Block::Sequence(vec![
            step("intake"),
            parallel(Parallel {
                join: Join::Quorum(2),
                veto: vec![block_id("fire")],
                ..group("g", vec![step("fire"), choice(None, step("culture"), None)])
            }),
            choice(
                Some("c"),
                step_with("grant", |step| {
                    step.decides = true;
                    step.four_eyes = vec![step_id("intake"), step_id("fire")];
                }),
                Some(step_with("pass on", |step| step.decides = true)),
            ),
        ]);
        assert_eq!(check(&flow), []);
    }

    #[test]
    fn a_name_that_means_two_things_is_found_once() {
        let optional = |id: &str, inner: &str| {
            Block::Optional(Box::new(Optional {
                id: block_id(id),
                block: step(inner),
            }))
        };
        let flow = Block::Sequence(vec![
            step("a"),
            step("a"),
            step("a"),
            optional("o", "b"),
            optional("o", "c"),
        ]);
        assert_eq!(
            check(&flow),
            [
                Unsound::DuplicateStep { step: step_id("a") },
                Unsound::DuplicateBlock { block: block_id("o") },
            ]
        );
    }

    #[test]
    fn nested_choices_without_ids_would_share_an_answer() {
        let flow = choice(None, choice(None, step("a"), None), None);
        assert_eq!(check(&flow), [Unsound::DuplicateBlock { block: block_id("a") }]);
        let flow = choice(Some("outer"), choice(None, step("a"), None), None);
        assert_eq!(check(&flow), []);
    }

    #[test]
    fn a_group_must_be_able_to_join() {
        let flow = Block::Sequence(vec![
            parallel(group("none", Vec::new())),
            parallel(group("nameless", vec![Block::Sequence(Vec::new()), step("x")])),
            parallel(Parallel {
                join: Join::Quorum(0),
                ..group("zero", vec![step("y")])
            }),
            parallel(Parallel {
                join: Join::Quorum(3),
                veto: vec![block_id("nobody")],
                ..group("three", vec![step("u"), step("v")])
            }),
            parallel(group("twins", vec![step("w"), Block::Sequence(vec![step("w")])])),
        ]);
        assert_eq!(
            messages(&flow),
            [
                "the group `none` has no branches; write at least one, or take the group out",
                "branch 1 of the group `nameless` has no id, so nobody could tell that it arrived; begin it with a step or give it an id",
                "a sequence inside `nameless` is empty; write at least one block into it, or take it out",
                "the group `zero` asks for a quorum of 0 among 1 branches; write 1 to 1",
                "the group `three` asks for a quorum of 3 among 2 branches; write 1 to 2",
                "the group `three` gives a veto to `nobody`, which is none of its branches; its branches are `u`, `v`",
                "two branches of the group `twins` go by the name `w`; give one of them another id",
                "the step id `w` is used more than once; give each step of the flow its own id",
            ]
        );
    }

    #[test]
    fn silence_covers_members_that_do_not_guard_safety() {
        let flow = parallel(Parallel {
            silence: Some(MemberSilence {
                after: Term::WorkingDays(7),
                effect: SilenceEffect::Consent,
                needs: SilenceNeeds::ProofOfService,
                only: vec![step_id("archives"), step_id("fire"), step_id("gardens")],
            }),
            ..group(
                "joint",
                vec![step("archives"), step_with("fire", |step| step.safety = true)],
            )
        });
        assert_eq!(
            check(&flow),
            [
                Unsound::SilenceOnSafety {
                    group: block_id("joint"),
                    named: step_id("fire"),
                },
                Unsound::SilenceNamesNoMember {
                    group: block_id("joint"),
                    named: step_id("gardens"),
                },
            ]
        );
    }

    #[test]
    fn four_eyes_need_an_earlier_step() {
        let eyes = |id: &str, named: &str| step_with(id, |step| step.four_eyes = vec![step_id(named)]);
        let flow = Block::Sequence(vec![
            eyes("a", "c"),
            eyes("b", "b"),
            choice(None, eyes("c", "d"), Some(step("d"))),
            eyes("e", "nobody"),
            eyes("f", "d"),
        ]);
        let never = |step: &str, named: &str| Unsound::FourEyesNeverBefore {
            step: step_id(step),
            named: step_id(named),
        };
        assert_eq!(
            check(&flow),
            [
                never("a", "c"),
                never("b", "b"),
                never("c", "d"),
                Unsound::FourEyesUnknown {
                    step: step_id("e"),
                    named: step_id("nobody"),
                },
            ]
        );
    }

    #[test]
    fn a_case_is_decided_once_and_by_nobody_alone_in_a_group() {
        let decides = |id: &str| step_with(id, |step| step.decides = true);
        let flow = Block::Sequence(vec![
            parallel(group("g", vec![decides("early"), step("other")])),
            choice(None, decides("one"), Some(decides("two"))),
            decides("again"),
        ]);
        assert_eq!(
            check(&flow),
            [
                Unsound::DecidesInGroup {
                    step: step_id("early"),
                    group: block_id("g"),
                },
                Unsound::DecidesTwice {
                    step: step_id("again"),
                    earlier: step_id("two"),
                },
            ]
        );
    }

    #[test]
    fn size_and_depth_are_bounded() {
        let many = Block::Sequence((0..=FLOW_STEPS_MAX).map(|n| step(&format!("s{n}"))).collect());
        assert_eq!(
            check(&many),
            [Unsound::TooManySteps {
                steps: FLOW_STEPS_MAX + 1
            }]
        );
        let nested = |levels: usize| (1..levels).fold(step("leaf"), |inner, _| Block::Sequence(vec![inner]));
        assert_eq!(check(&nested(FLOW_DEPTH_MAX)), []);
        assert_eq!(check(&nested(FLOW_DEPTH_MAX + 1)), [Unsound::TooDeep]);
    }

    #[test]
    fn a_sub_flow_must_be_filled_in() {
        let sub = |flow| {
            Block::Procedure(Box::new(SubFlow {
                id: None,
                procedure: ProcedureId::new("eia").unwrap(),
                version: None,
                flow,
            }))
        };
        assert_eq!(check(&sub(Some(step("eia.intake")))), []);
        assert_eq!(
            messages(&sub(None)),
            [
                "the sub-flow `eia` stands for the flow of `eia`, which was not filled in; publish both together"
            ]
        );
    }
}
