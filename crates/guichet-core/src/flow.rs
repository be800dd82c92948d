//! A flow: the block-structured tree of a procedure, and where in it a case stands.
//!
//! Because blocks nest and never cross, a flow cannot deadlock, every join is known, and what comes next is a function
//! of the tree and of what has been recorded. Joins hold the *set* of branches that arrived, never a counter.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::actor::Role;
use crate::code::codes;
use crate::condition::{Condition, Facts};
use crate::id::{BlockId, DepartmentId, ProcedureId, StepId, Version};
use crate::procedure::{Names, is_false};
use crate::reference::WindowForm;
use crate::time::Term;

pub mod soundness;
mod superseded;

pub use soundness::{Unsound, check};
pub use superseded::Superseded;

/// How deep a flow may nest; bounds every walk over it.
pub const FLOW_DEPTH_MAX: usize = 24;
/// How many steps a flow may have: a wall chart with more is read by nobody.
pub const FLOW_STEPS_MAX: usize = 500;

/// One block of a flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// Something that somebody does.
    Step(Box<Step>),
    /// Blocks one after the other.
    Sequence(Vec<Block>),
    /// Branches side by side (并联审批).
    Parallel(Box<Parallel>),
    /// One block or another, by the facts of the case.
    Choice(Box<Choice>),
    /// A block that may be skipped, with a reason.
    Optional(Box<Optional>),
    /// The flow of another procedure.
    Procedure(Box<SubFlow>),
}

/// A leaf of the tree: what one department does at one kind of window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its id, unique in the flow.
    pub id: StepId,
    /// Its name; the id when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Names>,
    /// The department whose step it is; the one that answers for the procedure when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<DepartmentId>,
    /// The form of window at which it is done; any when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<WindowForm>,
    /// The role it needs; a handler when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Its own term.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<Term>,
    /// Whether it guards safety: silence then never means consent.
    #[serde(default, skip_serializing_if = "is_false")]
    pub safety: bool,
    /// Steps whose person may not do this one as well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub four_eyes: Vec<StepId>,
    /// Whether this step is the decision itself.
    #[serde(default, skip_serializing_if = "is_false")]
    pub decides: bool,
}

impl Step {
    /// A step with this id and nothing else said.
    #[must_use]
    pub const fn new(id: StepId) -> Self {
        Self {
            id,
            name: None,
            department: None,
            window: None,
            role: None,
            term: None,
            safety: false,
            four_eyes: Vec::new(),
            decides: false,
        }
    }

    /// The role it needs.
    #[must_use]
    pub fn needed_role(&self) -> Role {
        self.role.unwrap_or(if self.decides {
            Role::Approver
        } else {
            Role::Handler
        })
    }
}

/// Branches side by side, and when they count as done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parallel {
    /// Its id, unique in the flow.
    pub id: BlockId,
    /// Its name; the id when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Names>,
    /// The department answerable for the group (牵头部门).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<DepartmentId>,
    /// When the group is done.
    #[serde(default)]
    pub join: Join,
    /// Branches whose *no* ends the group at once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub veto: Vec<BlockId>,
    /// What the silence of a member means; nothing unless it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silence: Option<MemberSilence>,
    /// The term of the group; the longest of its members when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<Term>,
    /// The branches.
    pub branches: Vec<Block>,
}

/// When a parallel group is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Join {
    /// When all branches have arrived.
    #[default]
    All,
    /// When one has.
    Any,
    /// When so many have.
    Quorum(u16),
}

impl Join {
    /// How many of `branches` must have arrived.
    #[must_use]
    pub fn needs(self, branches: usize) -> usize {
        match self {
            Self::All => branches,
            Self::Any => branches.min(1),
            Self::Quorum(count) => usize::from(count).min(branches),
        }
    }
}

codes! {
    /// What the silence of a member counts as.
    SilenceEffect("effect of a member's silence") {
        /// Consent (超时默认). It is procedural: the licence of the silent department is not issued by it.
        Consent = "consent",
    }
}

codes! {
    /// What must be shown before silence counts.
    SilenceNeeds("condition of silence") {
        /// That the member was notified and signed for it.
        ProofOfService = "proof_of_service",
    }
}

/// The rule on silent members of a group. Steps that guard safety are never covered by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberSilence {
    /// How long a member may be silent, counted from the day it was served.
    pub after: Term,
    /// What silence then counts as.
    pub effect: SilenceEffect,
    /// What must be shown.
    pub needs: SilenceNeeds,
    /// The members it covers; all that do not guard safety when absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<StepId>,
}

/// One block or another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Its id; that of its `then` block when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<BlockId>,
    /// The question.
    pub when: Condition,
    /// The block where the answer is yes.
    pub then: Block,
    /// The block where it is no; nothing when absent.
    #[serde(default, rename = "else", skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<Block>,
}

/// A block that may be skipped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Optional {
    /// Its id, unique in the flow.
    pub id: BlockId,
    /// The block.
    pub block: Block,
}

/// The flow of another procedure, taken in whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubFlow {
    /// Its id, unique in the flow, which stands before the ids of its steps; the procedure's id when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<BlockId>,
    /// Whose flow.
    pub procedure: ProcedureId,
    /// In which version; the newest of the same publication when absent. Publishing fills it in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// The flow itself, ids prefixed. Publishing fills it in, so that a case never depends on a later version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow: Option<Block>,
}

impl Block {
    /// The name by which a parallel group knows this block as its branch.
    #[must_use]
    pub fn id(&self) -> Option<BlockId> {
        match self {
            Self::Step(step) => BlockId::new(step.id.as_str()).ok(),
            Self::Sequence(blocks) => blocks.iter().find_map(Self::id),
            Self::Parallel(group) => Some(group.id.clone()),
            Self::Choice(choice) => choice.id.clone().or_else(|| choice.then.id()),
            Self::Optional(optional) => Some(optional.id.clone()),
            Self::Procedure(sub) => sub
                .id
                .clone()
                .or_else(|| BlockId::new(sub.procedure.as_str()).ok()),
        }
    }

    /// The blocks directly inside.
    #[must_use]
    pub fn children(&self) -> Box<dyn Iterator<Item = &Self> + '_> {
        match self {
            Self::Step(_) => Box::new(std::iter::empty()),
            Self::Sequence(blocks) => Box::new(blocks.iter()),
            Self::Parallel(group) => Box::new(group.branches.iter()),
            Self::Choice(choice) => Box::new(std::iter::once(&choice.then).chain(&choice.otherwise)),
            Self::Optional(optional) => Box::new(std::iter::once(&optional.block)),
            Self::Procedure(sub) => Box::new(sub.flow.iter()),
        }
    }

    /// Every step inside, in the order of the page.
    #[must_use]
    pub fn steps(&self) -> Vec<&Step> {
        let mut steps = Vec::new();
        self.walk(&mut |block| {
            if let Self::Step(step) = block {
                steps.push(&**step);
            }
        });
        steps
    }

    /// The step with this id.
    #[must_use]
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        match self {
            Self::Step(step) => (step.id == *id).then_some(step),
            Self::Sequence(_)
            | Self::Parallel(_)
            | Self::Choice(_)
            | Self::Optional(_)
            | Self::Procedure(_) => self.children().find_map(|child| child.step(id)),
        }
    }

    /// The parallel group with this id.
    #[must_use]
    pub fn group(&self, id: &BlockId) -> Option<&Parallel> {
        match self {
            Self::Parallel(group) if group.id == *id => Some(group),
            Self::Step(_)
            | Self::Sequence(_)
            | Self::Parallel(_)
            | Self::Choice(_)
            | Self::Optional(_)
            | Self::Procedure(_) => self.children().find_map(|child| child.group(id)),
        }
    }

    /// The optional block with this id.
    #[must_use]
    pub fn optional(&self, id: &BlockId) -> Option<&Optional> {
        match self {
            Self::Optional(optional) if optional.id == *id => Some(optional),
            Self::Step(_)
            | Self::Sequence(_)
            | Self::Parallel(_)
            | Self::Choice(_)
            | Self::Optional(_)
            | Self::Procedure(_) => self.children().find_map(|child| child.optional(id)),
        }
    }

    /// Calls `visit` for this block and every block inside, outermost first.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Self)) {
        visit(self);
        for child in self.children() {
            child.walk(visit);
        }
    }
}

impl Parallel {
    /// Whether this step is drawn anywhere inside.
    #[must_use]
    pub fn holds(&self, step: &StepId) -> bool {
        self.branches.iter().any(|branch| branch.step(step).is_some())
    }

    /// Whether this group is the one named, or holds it anywhere inside.
    #[must_use]
    pub fn holds_group(&self, group: &BlockId) -> bool {
        self.id == *group || self.branches.iter().any(|branch| branch.group(group).is_some())
    }
}

codes! {
    /// Which side of a choice was taken.
    Taken("side of a choice") {
        /// The condition held.
        Then = "then",
        /// It did not.
        Else = "else",
    }
}

codes! {
    /// How a parallel group ended.
    GroupOutcome("outcome of a group") {
        /// Enough branches agreed.
        Agreed = "agreed",
        /// The lead went on in spite of a reasoned disagreement.
        Overridden = "overridden",
        /// A veto, or the lead, said no.
        Refused = "refused",
        /// The group around it ended without it.
        Released = "released",
    }
}

/// Where in its flow a case stands: what was recorded, by the names of blocks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Steps that are open.
    pub open: BTreeSet<StepId>,
    /// Steps that are done.
    pub done: BTreeSet<StepId>,
    /// Steps that need not be done: their group was closed without them, or their branch was removed.
    pub released: BTreeSet<StepId>,
    /// Choices, by the side that was taken.
    pub choices: BTreeMap<BlockId, Taken>,
    /// Optional blocks that were skipped.
    pub skipped: BTreeSet<BlockId>,
    /// Steps that were answered with a reasoned disagreement.
    pub dissenting: BTreeSet<StepId>,
    /// Groups that were reached.
    pub groups: BTreeMap<BlockId, GroupProgress>,
}

/// Where a parallel group stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupProgress {
    /// Whether the group stands open, or has ended; a return to an earlier step takes that back.
    pub entered: bool,
    /// Branches that arrived, and whether with a reasoned disagreement.
    pub arrived: BTreeMap<BlockId, bool>,
    /// Branches that were removed at run time.
    pub removed: BTreeSet<BlockId>,
    /// Branches that were added at run time: each a single step.
    pub added: BTreeMap<BlockId, Step>,
    /// Whether the lead decided to go on in spite of a reasoned disagreement.
    pub overridden: bool,
    /// How the group ended, once it has.
    pub outcome: Option<GroupOutcome>,
}

/// What a flow asks for next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advance<'a> {
    /// Start this step; it stands directly in this group.
    Start(&'a Step, Option<&'a Parallel>),
    /// Take this side of this choice.
    Choose(BlockId, Taken),
    /// Open this group.
    Open(&'a Parallel),
    /// Note that a branch of a group has arrived.
    Arrive {
        /// The group.
        group: &'a Parallel,
        /// Its branch.
        branch: BlockId,
        /// Whether with a reasoned disagreement.
        dissent: bool,
    },
    /// Close a group.
    Close {
        /// The group.
        group: &'a Parallel,
        /// How it ended.
        outcome: GroupOutcome,
        /// The steps that need not be done any more.
        steps: BTreeSet<StepId>,
        /// The groups inside that end with it.
        groups: BTreeSet<BlockId>,
    },
}

/// How far a block has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reached {
    /// There was nothing to do: a choice led past it, or it was skipped.
    Empty,
    /// It is done.
    Complete,
    /// Something in it is open, or about to be.
    Waiting,
    /// A group in it was refused: nothing after it is reached.
    Refused,
}

/// What a flow asks for next, given where a case stands, and how far the whole flow has come.
///
/// The answer lists what can be told at once; record it and ask again, until nothing is asked for.
#[must_use]
pub fn advance<'a>(flow: &'a Block, progress: &'a Progress, facts: &Facts) -> (Reached, Vec<Advance<'a>>) {
    let mut walk = Walk {
        progress,
        facts,
        asked: Vec::new(),
    };
    let reached = walk.block(flow, None);
    (reached, walk.asked)
}

struct Walk<'a, 'f> {
    progress: &'a Progress,
    facts: &'f Facts,
    asked: Vec<Advance<'a>>,
}

impl<'a> Walk<'a, '_> {
    fn block(&mut self, block: &'a Block, within: Option<&'a Parallel>) -> Reached {
        match block {
            Block::Step(step) => self.step(step, within),
            Block::Sequence(blocks) => self.sequence(blocks),
            Block::Parallel(group) => self.group(group),
            Block::Choice(choice) => self.choice(choice, block.id(), within),
            Block::Optional(optional) if self.progress.skipped.contains(&optional.id) => Reached::Empty,
            Block::Optional(optional) => self.block(&optional.block, within),
            Block::Procedure(sub) => sub
                .flow
                .as_ref()
                .map_or(Reached::Empty, |flow| self.block(flow, within)),
        }
    }

    fn step(&mut self, step: &'a Step, within: Option<&'a Parallel>) -> Reached {
        if self.progress.done.contains(&step.id) || self.progress.released.contains(&step.id) {
            return Reached::Complete;
        }
        if !self.progress.open.contains(&step.id) {
            self.asked.push(Advance::Start(step, within));
        }
        Reached::Waiting
    }

    fn sequence(&mut self, blocks: &'a [Block]) -> Reached {
        let mut reached = Reached::Empty;
        for block in blocks {
            reached = reached.max(self.block(block, None));
            if reached >= Reached::Waiting {
                break;
            }
        }
        reached
    }

    fn choice(&mut self, choice: &'a Choice, id: Option<BlockId>, within: Option<&'a Parallel>) -> Reached {
        let Some(id) = id else { return Reached::Empty };
        let Some(taken) = self.progress.choices.get(&id) else {
            let taken = if choice.when.holds(self.facts) {
                Taken::Then
            } else {
                Taken::Else
            };
            self.asked.push(Advance::Choose(id, taken));
            return Reached::Waiting;
        };
        match (taken, &choice.otherwise) {
            (Taken::Then, _) => self.block(&choice.then, within),
            (Taken::Else, Some(otherwise)) => self.block(otherwise, within),
            (Taken::Else, None) => Reached::Empty,
        }
    }

    fn group(&mut self, group: &'a Parallel) -> Reached {
        let standing = match self.progress.groups.get(&group.id) {
            Some(standing) if standing.entered => standing,
            Some(_) | None => {
                self.asked.push(Advance::Open(group));
                return Reached::Waiting;
            }
        };
        match standing.outcome {
            Some(GroupOutcome::Agreed | GroupOutcome::Overridden | GroupOutcome::Released) => {
                return Reached::Complete;
            }
            Some(GroupOutcome::Refused) => return Reached::Refused,
            None => {}
        }
        let mut branches: usize = 0;
        let mut arriving = Vec::new();
        let fixed = group
            .branches
            .iter()
            .filter_map(|block| Some((block.id()?, Branch::Block(block))));
        let added = standing
            .added
            .iter()
            .map(|(id, step)| (id.clone(), Branch::Added(step)));
        for (id, branch) in fixed
            .chain(added)
            .filter(|(id, _)| !standing.removed.contains(id))
        {
            let reached = match branch {
                Branch::Block(block) => self.block(block, Some(group)),
                Branch::Added(step) => self.step(step, Some(group)),
            };
            match reached {
                Reached::Empty => continue,
                Reached::Refused => {
                    self.close(group, standing, GroupOutcome::Refused);
                    return Reached::Waiting;
                }
                Reached::Complete if !standing.arrived.contains_key(&id) => {
                    arriving.push(Advance::Arrive {
                        group,
                        dissent: self.dissents(branch),
                        branch: id,
                    });
                }
                Reached::Complete | Reached::Waiting => {}
            }
            branches += 1;
        }
        if arriving.is_empty() {
            self.join(group, standing, branches);
        } else {
            self.asked.append(&mut arriving);
        }
        Reached::Waiting
    }

    /// Ends the group when its join is reached. A reasoned disagreement that is no veto leaves it to its lead
    /// (`docs/rules.md`).
    fn join(&mut self, group: &'a Parallel, standing: &'a GroupProgress, branches: usize) {
        let arrived = standing
            .arrived
            .iter()
            .filter(|(id, _)| !standing.removed.contains(*id));
        let (against, with): (Vec<_>, Vec<_>) = arrived.partition(|(_, dissent)| **dissent);
        let enough = group.join.needs(branches);
        if against.iter().any(|(id, _)| group.veto.contains(id)) {
            self.close(group, standing, GroupOutcome::Refused);
        } else if with.len() >= enough {
            self.close(group, standing, GroupOutcome::Agreed);
        } else if standing.overridden && with.len() + against.len() >= enough {
            self.close(group, standing, GroupOutcome::Overridden);
        }
    }

    fn close(&mut self, group: &'a Parallel, standing: &'a GroupProgress, outcome: GroupOutcome) {
        let mut steps: BTreeSet<_> = standing.added.values().map(|step| step.id.clone()).collect();
        let mut groups = BTreeSet::new();
        for branch in &group.branches {
            branch.walk(&mut |inner| match inner {
                Block::Step(step) => {
                    steps.insert(step.id.clone());
                }
                Block::Parallel(inner) => {
                    groups.insert(inner.id.clone());
                }
                Block::Sequence(_) | Block::Choice(_) | Block::Optional(_) | Block::Procedure(_) => {}
            });
        }
        steps.retain(|step| self.progress.open.contains(step));
        groups.retain(|inner| {
            self.progress
                .groups
                .get(inner)
                .is_some_and(|inner| inner.entered && inner.outcome.is_none())
        });
        // What the branches asked for in this walk is void: the group ends instead.
        self.asked.retain(|asked| !asked.is_inside(group));
        self.asked.push(Advance::Close {
            group,
            outcome,
            steps,
            groups,
        });
    }

    /// Whether any step of this branch was answered with a reasoned disagreement.
    fn dissents(&self, branch: Branch<'a>) -> bool {
        match branch {
            Branch::Block(block) => self.block_dissents(block),
            Branch::Added(step) => self.progress.dissenting.contains(&step.id),
        }
    }

    fn block_dissents(&self, block: &Block) -> bool {
        match block {
            Block::Step(step) => self.progress.dissenting.contains(&step.id),
            // A group speaks with its outcome: its own join or its lead has answered who disagreed inside.
            Block::Parallel(_) => false,
            Block::Sequence(_) | Block::Choice(_) | Block::Optional(_) | Block::Procedure(_) => {
                block.children().any(|child| self.block_dissents(child))
            }
        }
    }
}

impl Advance<'_> {
    fn is_inside(&self, group: &Parallel) -> bool {
        let holds = |wanted: &dyn Fn(&Block) -> bool| {
            let mut found = false;
            group
                .branches
                .iter()
                .for_each(|branch| branch.walk(&mut |block| found |= wanted(block)));
            found
        };
        match self {
            Self::Start(step, within) => {
                within.is_some_and(|within| within.id == group.id)
                    || holds(&|block| matches!(block, Block::Step(inner) if inner.id == step.id))
            }
            Self::Choose(id, _) => holds(&|block| block.id().as_ref() == Some(id)),
            Self::Open(inner) | Self::Arrive { group: inner, .. } | Self::Close { group: inner, .. } => {
                holds(&|block| matches!(block, Block::Parallel(nested) if nested.id == inner.id))
            }
        }
    }
}

/// A branch of a group: drawn in the flow, or added at run time.
#[derive(Clone, Copy)]
enum Branch<'a> {
    Block(&'a Block),
    Added(&'a Step),
}
