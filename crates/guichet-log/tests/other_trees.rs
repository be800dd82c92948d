//! The tree of the `ct-merkle` crate and ours have the same roots, and each takes the other's proofs.

#![expect(clippy::expect_used, reason = "helpers of tests")]

use std::collections::BTreeMap;
use std::convert::Infallible;

use ct_merkle::{ConsistencyProof, InclusionProof, RootHash, mem_backed_tree::MemoryBackedTree};
use guichet_log::merkle::proof::{
    Node, Nodes, ProofError, consistency, inclusion, verify_consistency, verify_inclusion,
};
use guichet_log::merkle::{Frontier, Hash};
use sha2::Sha256;

/// Every tree up to this size is compared with every earlier one and at every leaf.
const EVERY_SIZE_UP_TO: u64 = 300;

/// Sizes on both sides of where the shape of the tree changes.
const LARGER: [u64; 8] = [511, 512, 513, 1_000, 1_023, 1_025, 4_097, 5_000];

type Theirs = MemoryBackedTree<Sha256, Vec<u8>>;

/// Leaves of every length from none on, so that what is hashed has no one form.
fn leaf(index: u64) -> Vec<u8> {
    let length = usize::try_from(index % 70).unwrap_or_default();
    index.to_be_bytes().into_iter().cycle().take(length).collect()
}

/// Both trees, grown leaf by leaf.
#[derive(Default)]
struct Trees {
    theirs: Theirs,
    frontier: Frontier,
    roots: Vec<Hash>,
    nodes: Perfect,
}

/// The roots of perfect subtrees, which stay what they are as the tree grows.
#[derive(Default)]
struct Perfect(BTreeMap<Node, Hash>);

impl Nodes for Perfect {
    type Error = Infallible;

    fn hash(&mut self, node: Node) -> Result<Hash, Infallible> {
        if let Some(known) = self.0.get(&node) {
            return Ok(*known);
        }
        let hash = match node.level.checked_sub(1) {
            None => Hash::of_leaf(&leaf(node.index)),
            Some(level) => {
                let [left, right] = [0, 1].map(|side| Node {
                    level,
                    index: (node.index << 1) | side,
                });
                Hash::of_node(&self.hash(left)?, &self.hash(right)?)
            }
        };
        self.0.insert(node, hash);
        Ok(hash)
    }
}

impl Trees {
    fn grow(&mut self) {
        self.roots.push(self.frontier.root());
        let leaf = leaf(self.frontier.size());
        self.frontier.push(Hash::of_leaf(&leaf));
        self.theirs.push(leaf);
    }

    fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The leaf's proof by both, checked by both, and by both refused where one bit of it differs.
    fn leaf_is_proven_by_both(&mut self, index: u64) {
        let (size, root) = (self.size(), self.frontier.root());
        let ours = inclusion(&mut self.nodes, index, size).expect("the leaf is there");
        let theirs = self.theirs.prove_inclusion(place(index));

        let taken = verify_inclusion(
            index,
            size,
            &Hash::of_leaf(&leaf(index)),
            &hashes(theirs.as_bytes()),
            &root,
        );
        assert_eq!(taken, Ok(()), "their proof of {index} in {size}");
        let their_root = RootHash::<Sha256>::new(root.0.into(), size);
        let taken = |proof: &[Hash]| {
            let proof = InclusionProof::try_from_bytes(bytes(proof)).expect("it is a row of hashes");
            their_root.verify_inclusion(&leaf(index), index, &proof).is_ok()
        };
        assert!(taken(&ours), "our proof of {index} in {size}");

        for broken in broken(&ours) {
            let refused = verify_inclusion(index, size, &Hash::of_leaf(&leaf(index)), &broken, &root);
            assert!(refused.is_err(), "a broken proof of {index} in {size}, by ours");
            assert!(!taken(&broken), "a broken proof of {index} in {size}, by theirs");
        }
    }

    /// The same of the proof that this tree extends an earlier one.
    fn growth_is_proven_by_both(&mut self, first: u64) {
        let (size, root) = (self.size(), self.frontier.root());
        let earlier = *self.roots.get(place(first)).expect("it grew past that size");
        let ours = consistency(&mut self.nodes, first, size).expect("the sizes are in order");
        let theirs = self.theirs.prove_consistency(place(size - first));

        let taken = verify_consistency(first, size, &earlier, &root, &hashes(theirs.as_bytes()));
        assert_eq!(taken, Ok(()), "their proof from {first} to {size}");
        let their_root = RootHash::<Sha256>::new(root.0.into(), size);
        let their_earlier = RootHash::new(earlier.0.into(), first);
        let taken = |proof: &[Hash]| {
            let proof = ConsistencyProof::try_from_bytes(bytes(proof)).expect("it is a row of hashes");
            their_root.verify_consistency(&their_earlier, &proof).is_ok()
        };
        assert!(taken(&ours), "our proof from {first} to {size}");

        for broken in broken(&ours) {
            let refused = verify_consistency(first, size, &earlier, &root, &broken);
            assert!(refused.is_err(), "a broken proof from {first} to {size}, by ours");
            assert!(
                !taken(&broken),
                "a broken proof from {first} to {size}, by theirs"
            );
        }
    }
}

fn place(index: u64) -> usize {
    usize::try_from(index).expect("it is small")
}

fn bytes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

fn hashes(bytes: &[u8]) -> Vec<Hash> {
    let (hashes, rest) = bytes.as_chunks();
    assert!(rest.is_empty(), "their proof is no row of hashes");
    hashes.iter().copied().map(Hash).collect()
}

/// The proof with one bit of its first hash changed, without its last hash, and with one hash more.
fn broken(proof: &[Hash]) -> Vec<Vec<Hash>> {
    let longer = [proof, &[Hash::NONE]].concat();
    let Some((last, but_last)) = proof.split_last() else {
        return vec![longer];
    };
    let mut flipped = proof.to_vec();
    if let Some(first) = flipped.first_mut() {
        first.0[31] ^= 1;
    }
    let mut other = but_last.to_vec();
    other.push(Hash::of_leaf(&last.0));
    vec![longer, but_last.to_vec(), flipped, other]
}

#[test]
fn all_small_trees_have_the_same_roots_and_take_the_proofs_of_each_other() {
    let mut trees = Trees::default();
    assert_eq!(trees.theirs.root().as_bytes().as_slice(), trees.frontier.root().0);

    for size in 1..=EVERY_SIZE_UP_TO {
        trees.grow();

        assert_eq!(
            trees.theirs.root().as_bytes().as_slice(),
            trees.frontier.root().0,
            "{size}"
        );
        for index in 0..size {
            trees.leaf_is_proven_by_both(index);
        }
        for first in 1..size {
            trees.growth_is_proven_by_both(first);
        }
    }
}

#[test]
fn larger_trees_have_the_same_roots_and_take_the_proofs_of_each_other() {
    let mut trees = Trees::default();

    for size in LARGER {
        while trees.size() < size {
            trees.grow();
        }

        assert_eq!(
            trees.theirs.root().as_bytes().as_slice(),
            trees.frontier.root().0,
            "{size}"
        );
        for index in (0..size).step_by(61).chain([size - 1]) {
            trees.leaf_is_proven_by_both(index);
        }
        for first in (1..size).step_by(61).chain([size - 1, 256, 257]) {
            trees.growth_is_proven_by_both(first);
        }
    }
}

#[test]
fn neither_takes_a_proof_from_the_tree_without_leaves() {
    let mut trees = Trees::default();
    (0..7).for_each(|_| trees.grow());
    let (nothing, root) = (Hash::of_nothing(), trees.frontier.root());

    let ours = verify_consistency(0, 7, &nothing, &root, &[]);
    assert_eq!(ours, Err(ProofError::Sizes { first: 0, second: 7 }));
    let theirs = RootHash::<Sha256>::new(root.0.into(), 7).verify_consistency(
        &RootHash::new(nothing.0.into(), 0),
        &ConsistencyProof::try_from_bytes(Vec::new()).expect("no hashes are a row of hashes"),
    );
    assert!(theirs.is_err(), "{theirs:?}");
}
