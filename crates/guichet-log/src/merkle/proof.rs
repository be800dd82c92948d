//! Proofs over the Merkle tree (RFC 6962, 2.1.1 and 2.1.2): that a record is in a tree, that a tree extends an earlier one.

use super::Hash;

/// A node of the tree: the root over the leaves `index << level` to `(index + 1) << level`, all of them there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Node {
    /// How many levels it stands above the leaves.
    pub level: u8,
    /// Its place among the nodes of its level, from 0.
    pub index: u64,
}

/// A tree's nodes, wherever they are kept.
pub trait Nodes {
    /// Why a node cannot be had.
    type Error;

    /// The hash of a node.
    ///
    /// # Errors
    ///
    /// When it cannot be had.
    fn hash(&mut self, node: Node) -> Result<Hash, Self::Error>;
}

/// The leaves of a small tree, which answers for every node by hashing.
#[derive(Clone, Debug, Default)]
pub struct Leaves(pub Vec<Hash>);

/// A leaf that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the tree has no leaf {0}")]
pub struct NoLeaf(pub u64);

impl Nodes for Leaves {
    type Error = NoLeaf;

    fn hash(&mut self, node: Node) -> Result<Hash, NoLeaf> {
        let Some(below) = node.level.checked_sub(1) else {
            let leaf = usize::try_from(node.index).ok().and_then(|at| self.0.get(at));
            return leaf.copied().ok_or(NoLeaf(node.index));
        };
        let [left, right] = [0, 1].map(|side| Node {
            level: below,
            index: (node.index << 1) | side,
        });
        Ok(Hash::of_node(&self.hash(left)?, &self.hash(right)?))
    }
}

/// A proof that cannot be made, or does not prove what it is said to prove.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The leaf is not in the tree.
    #[error("a tree of {size} leaves has no leaf {index}")]
    Outside {
        /// The leaf's place.
        index: u64,
        /// How many leaves the tree has.
        size: u64,
    },
    /// The earlier tree is empty, or is the greater one. That a tree extends the empty one needs no proof and tells
    /// nothing, so none is made and none is taken.
    #[error("from {first} to {second} leaves there is nothing to prove; the first size is 1 to {second}")]
    Sizes {
        /// The size of the earlier tree.
        first: u64,
        /// The size of the later tree.
        second: u64,
    },
    /// The proof has another number of hashes than it must have.
    #[error("the proof has {found} hashes, and {expected} were expected")]
    Length {
        /// How many it must have.
        expected: usize,
        /// How many it has.
        found: usize,
    },
    /// The hashes lead to another root.
    #[error("the proof leads to the root {computed}, and {stated} was stated")]
    Root {
        /// The root as stated.
        stated: Hash,
        /// The root to which it leads.
        computed: Hash,
    },
}

/// Neighbouring leaves: the first, and one past the last. [`root_of`] works out the root over them.
type Run = (u64, u64);

/// The runs whose roots prove that a leaf is in a tree, from the leaf's sibling upwards (RFC 6962, 2.1.1).
fn inclusion_runs(index: u64, size: u64) -> Vec<Run> {
    let (mut start, mut end) = (0, size);
    let mut runs = Vec::new();
    while end - start > 1 {
        let split = start + half(end - start);
        if index < split {
            runs.push((split, end));
            end = split;
        } else {
            runs.push((start, split));
            start = split;
        }
    }
    runs.reverse();
    runs
}

/// The largest power of two below a number of leaves greater than one.
const fn half(leaves: u64) -> u64 {
    1 << (leaves - 1).ilog2()
}

/// The root over the leaves from `start` to `end`, where `start` is a multiple of the largest power of two in the run.
///
/// # Errors
///
/// When a node cannot be had.
pub fn root_of<N: Nodes>(nodes: &mut N, start: u64, end: u64) -> Result<Hash, N::Error> {
    let count = end - start;
    if count.is_power_of_two() {
        let level = u8::try_from(count.ilog2()).unwrap_or(u8::MAX);
        return nodes.hash(Node {
            level,
            index: start >> level,
        });
    }
    if count == 0 {
        return Ok(Hash::of_nothing());
    }
    let split = start + half(count);
    Ok(Hash::of_node(
        &root_of(nodes, start, split)?,
        &root_of(nodes, split, end)?,
    ))
}

/// A proof that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum NoProof<E> {
    /// There is none.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// A node could not be had.
    #[error("a hash of the tree cannot be had")]
    Node(#[source] E),
}

/// The proof that the leaf at `index` is in the tree of `size` leaves (RFC 6962, 2.1.1).
///
/// ```
/// # use guichet_log::merkle::{Hash, proof::{Leaves, inclusion, root_of, verify_inclusion}};
/// let mut leaves = Leaves((0_u8..7).map(|byte| Hash::of_leaf(&[byte])).collect());
/// let proof = inclusion(&mut leaves, 4, 7)?;
/// let root = root_of(&mut leaves, 0, 7)?;
/// verify_inclusion(4, 7, &Hash::of_leaf(&[4]), &proof, &root)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`NoProof`] when the tree has no such leaf, or a node cannot be had.
pub fn inclusion<N: Nodes>(nodes: &mut N, index: u64, size: u64) -> Result<Vec<Hash>, NoProof<N::Error>> {
    if index >= size {
        return Err(ProofError::Outside { index, size }.into());
    }
    inclusion_runs(index, size)
        .into_iter()
        .map(|(start, end)| root_of(nodes, start, end).map_err(NoProof::Node))
        .collect()
}

/// Checks that the leaf at `index` is in the tree of `size` leaves with this root (RFC 9162, 2.1.3.2).
///
/// # Errors
///
/// [`ProofError`] says why the proof does not prove it.
pub fn verify_inclusion(
    index: u64,
    size: u64,
    leaf: &Hash,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::Outside { index, size });
    }
    let runs = inclusion_runs(index, size);
    same_length(runs.len(), proof)?;
    let mut computed = *leaf;
    for ((start, _), sibling) in runs.iter().zip(proof) {
        computed = if *start > index {
            Hash::of_node(&computed, sibling)
        } else {
            Hash::of_node(sibling, &computed)
        };
    }
    same_root(root, computed)
}

/// The runs of leaves of the proof that the tree of `second` leaves extends that of `first` (RFC 6962, 2.1.2), and
/// whether the proof begins with the earlier tree's last perfect subtree, which is left out where it is that whole tree.
fn consistency_runs(first: u64, second: u64) -> (Vec<Run>, Option<Run>) {
    let (mut start, mut end) = (0, second);
    let mut runs = Vec::new();
    let mut whole = true;
    while first != end {
        let split = start + half(end - start);
        if first <= split {
            runs.push((split, end));
            end = split;
        } else {
            runs.push((start, split));
            start = split;
            whole = false;
        }
    }
    runs.reverse();
    (runs, (!whole).then_some((start, end)))
}

/// The proof that the tree of `second` leaves extends that of `first` (RFC 6962, 2.1.2).
///
/// # Errors
///
/// [`NoProof`] when the sizes allow none, or a node cannot be had.
pub fn consistency<N: Nodes>(nodes: &mut N, first: u64, second: u64) -> Result<Vec<Hash>, NoProof<N::Error>> {
    if first == 0 || first > second {
        return Err(ProofError::Sizes { first, second }.into());
    }
    let (runs, seed) = consistency_runs(first, second);
    seed.into_iter()
        .chain(runs)
        .map(|(start, end)| root_of(nodes, start, end).map_err(NoProof::Node))
        .collect()
}

/// Checks that the tree of `second` leaves extends that of `first`, each with its root (RFC 9162, 2.1.4.2).
///
/// ```
/// # use guichet_log::merkle::{Hash, proof::{Leaves, consistency, root_of, verify_consistency}};
/// let mut leaves = Leaves((0_u8..7).map(|byte| Hash::of_leaf(&[byte])).collect());
/// let proof = consistency(&mut leaves, 3, 7)?;
/// let [earlier, later] = [root_of(&mut leaves, 0, 3)?, root_of(&mut leaves, 0, 7)?];
/// verify_consistency(3, 7, &earlier, &later, &proof)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`ProofError`] says why the proof does not prove it; sizes from 0 are refused.
pub fn verify_consistency(
    first: u64,
    second: u64,
    earlier: &Hash,
    later: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if first == 0 || first > second {
        return Err(ProofError::Sizes { first, second });
    }
    let (runs, seed) = consistency_runs(first, second);
    same_length(runs.len() + usize::from(seed.is_some()), proof)?;
    let (start, proof) = match (seed, proof.split_first()) {
        (Some((start, _)), Some((seed, rest))) => ((start, *seed), rest),
        // The earlier tree is perfect, so its root is the node to begin with.
        (Some(_) | None, _) => ((0, *earlier), proof),
    };
    let (at, seed) = start;
    let (mut old, mut new) = (seed, seed);
    for ((start, _), hash) in runs.iter().zip(proof) {
        if *start < at {
            old = Hash::of_node(hash, &old);
            new = Hash::of_node(hash, &new);
        } else {
            new = Hash::of_node(&new, hash);
        }
    }
    same_root(earlier, old)?;
    same_root(later, new)
}

fn same_length(expected: usize, proof: &[Hash]) -> Result<(), ProofError> {
    if proof.len() == expected {
        return Ok(());
    }
    Err(ProofError::Length {
        expected,
        found: proof.len(),
    })
}

fn same_root(stated: &Hash, computed: Hash) -> Result<(), ProofError> {
    if *stated == computed {
        return Ok(());
    }
    Err(ProofError::Root {
        stated: *stated,
        computed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::Frontier;

    fn leaves(count: u64) -> Leaves {
        Leaves(
            (0..count)
                .map(|leaf| Hash::of_leaf(&leaf.to_be_bytes()))
                .collect(),
        )
    }

    fn root(count: u64) -> Hash {
        Frontier::of_leaves(leaves(count).0).root()
    }

    #[test]
    fn every_leaf_of_every_small_tree_is_proven_and_no_other_leaf_is() {
        for size in 1..=70 {
            let (mut tree, root) = (leaves(size), root(size));
            assert_eq!(root_of(&mut tree, 0, size), Ok(root));
            for index in 0..size {
                let proof = inclusion(&mut tree, index, size).expect("the leaf is there");
                let leaf = Hash::of_leaf(&index.to_be_bytes());
                assert_eq!(verify_inclusion(index, size, &leaf, &proof, &root), Ok(()));
                let other = Hash::of_leaf(b"another");
                assert!(matches!(
                    verify_inclusion(index, size, &other, &proof, &root),
                    Err(ProofError::Root { .. })
                ));
            }
        }
    }

    #[test]
    fn every_small_tree_extends_every_smaller_one_and_no_forked_one() {
        for second in 1..=40 {
            let mut tree = leaves(second);
            for first in 1..=second {
                let proof = consistency(&mut tree, first, second).expect("the sizes are in order");
                let (earlier, later) = (root(first), root(second));
                assert_eq!(
                    verify_consistency(first, second, &earlier, &later, &proof),
                    Ok(())
                );
                let forked = Hash::of_leaf(b"forked");
                for (earlier, later) in [(forked, later), (earlier, forked)] {
                    assert!(matches!(
                        verify_consistency(first, second, &earlier, &later, &proof),
                        Err(ProofError::Root { .. })
                    ));
                }
            }
        }
    }

    #[test]
    fn a_proof_that_a_tree_extends_the_empty_one_is_neither_made_nor_taken() {
        let refused = ProofError::Sizes { first: 0, second: 7 };
        assert_eq!(
            verify_consistency(0, 7, &Hash::of_nothing(), &root(7), &[]),
            Err(refused.clone())
        );
        assert!(matches!(consistency(&mut leaves(7), 0, 7), Err(NoProof::Proof(error)) if error == refused));
    }

    #[test]
    fn a_leaf_past_the_end_has_no_proof() {
        let outside = ProofError::Outside { index: 7, size: 7 };
        assert!(matches!(inclusion(&mut leaves(7), 7, 7), Err(NoProof::Proof(error)) if error == outside));
        assert_eq!(
            verify_inclusion(7, 7, &Hash::NONE, &[], &Hash::NONE),
            Err(outside)
        );
    }

    #[test]
    fn a_hash_too_many_is_a_proof_of_nothing() {
        let mut proof = inclusion(&mut leaves(7), 3, 7).expect("the leaf is there");
        proof.push(Hash::NONE);
        let leaf = Hash::of_leaf(&3_u64.to_be_bytes());
        assert_eq!(
            verify_inclusion(3, 7, &leaf, &proof, &root(7)),
            Err(ProofError::Length {
                expected: 3,
                found: 4
            })
        );
    }
}
