//! Vectors of Merkle trees: leaf hashes and roots, and the proofs beside them.

use std::collections::BTreeMap;

use guichet_log::merkle::{Frontier, Hash};
use serde::Deserialize;
use serde_json::Value;

use super::{Verdict, fields, named, proofs};

/// Leaf hashes and roots over leaves that the file holds.
pub(super) const KNOWN_ROOT: &str = "known_root";

/// Roots over leaves that follow a rule.
pub(super) const TREE_ROOT: &str = "tree_root";

/// The largest tree whose leaves are made: what a hostile size can cost.
const LEAVES_MAX: u64 = 1 << 20;

/// The only rule for leaves that is known, as files word it.
const EVENTS_RULE: &str = "data of leaf i = {\"seq\":i,\"case\":\"C\" + (i mod 37, three digits),\"type\":T[i mod 5]} \
                           in this order without spaces, T = submitted, accepted, transferred, approved, completed";

#[derive(Deserialize)]
struct KnownRoots {
    empty_root: String,
    leaves_hex: Vec<String>,
    #[serde(default)]
    leaf_hashes: Vec<String>,
    roots_of_first_n_leaves: BTreeMap<u64, String>,
}

#[derive(Deserialize)]
struct Tree {
    #[serde(default)]
    name: String,
    leaf_rule: String,
    roots: BTreeMap<u64, String>,
}

/// Asks what a file says of trees, and tells each answer with its kind and its id.
pub(super) fn run(
    known_roots: Option<&Value>,
    trees: Option<&[Value]>,
    mut tell: impl FnMut(&str, String, Verdict),
) {
    if let Some(known) = known_roots {
        match fields::<KnownRoots>(known) {
            Ok(known) => known_leaves(&known, &mut tell),
            Err(reason) => tell(KNOWN_ROOT, "known_roots".to_owned(), Verdict::Broken(reason)),
        }
    }
    for (place, tree) in trees.unwrap_or_default().iter().enumerate() {
        let id = format!("tree {}", place + 1);
        match fields::<Tree>(tree) {
            Ok(of) => tree_roots(&id, &of, &mut tell),
            Err(reason) => tell(TREE_ROOT, id.clone(), Verdict::Broken(reason)),
        }
        for kind in [proofs::INCLUSION, proofs::CONSISTENCY] {
            let vectors = tree.get(kind).and_then(Value::as_array);
            for (place, vector) in vectors.into_iter().flatten().enumerate() {
                let id = format!("{id}, {kind} {}", place + 1);
                tell(kind, id, proofs::run(kind, vector));
            }
        }
    }
}

fn known_leaves(known: &KnownRoots, tell: &mut impl FnMut(&str, String, Verdict)) {
    let mut frontier = Frontier::default();
    let mut roots = BTreeMap::from([(0, frontier.root())]);
    let mut hashes = known.leaf_hashes.iter();
    for (place, leaf) in known.leaves_hex.iter().enumerate() {
        let Some(bytes) = bytes(leaf) else {
            let reason = format!("{} is no text in pairs of hexadecimal digits", named(leaf));
            tell(KNOWN_ROOT, format!("leaf {place}"), Verdict::Broken(reason));
            return;
        };
        let hash = Hash::of_leaf(&bytes);
        if let Some(expected) = hashes.next() {
            tell(KNOWN_ROOT, format!("leaf {place}"), same(expected, Some(&hash)));
        }
        frontier.push(hash);
        roots.insert(frontier.size(), frontier.root());
    }
    tell(
        KNOWN_ROOT,
        "root of 0".to_owned(),
        same(&known.empty_root, roots.get(&0)),
    );
    for (size, expected) in &known.roots_of_first_n_leaves {
        tell(
            KNOWN_ROOT,
            format!("root of {size}"),
            same(expected, roots.get(size)),
        );
    }
}

fn tree_roots(id: &str, tree: &Tree, tell: &mut impl FnMut(&str, String, Verdict)) {
    let mut broken = |reason: String| tell(TREE_ROOT, format!("{id} {}", tree.name), Verdict::Broken(reason));
    if tree.leaf_rule != EVENTS_RULE {
        return broken(format!(
            "the rule of its leaves is not known; known is: {EVENTS_RULE}"
        ));
    }
    let largest = tree.roots.keys().max().copied().unwrap_or_default();
    if largest > LEAVES_MAX {
        return broken(format!(
            "a root over {largest} leaves is asked for, and {LEAVES_MAX} is the most"
        ));
    }
    let mut frontier = Frontier::default();
    let mut made = 0_u64;
    for (size, expected) in &tree.roots {
        while made < *size {
            frontier.push(Hash::of_leaf(event(made).as_bytes()));
            made += 1;
        }
        tell(
            TREE_ROOT,
            format!("{id}, root of {size}"),
            same(expected, Some(&frontier.root())),
        );
    }
}

/// A leaf by the rule of [`EVENTS_RULE`].
fn event(seq: u64) -> String {
    let kind = match seq % 5 {
        0 => "submitted",
        1 => "accepted",
        2 => "transferred",
        3 => "approved",
        _ => "completed",
    };
    format!(
        "{{\"seq\":{seq},\"case\":\"C{:03}\",\"type\":\"{kind}\"}}",
        seq % 37
    )
}

fn same(expected: &str, got: Option<&Hash>) -> Verdict {
    let Some(got) = got.map(ToString::to_string) else {
        return Verdict::Broken("it asks for more leaves than there are".to_owned());
    };
    if got == expected {
        Verdict::Agreed
    } else {
        Verdict::Differs {
            expected: expected.into(),
            got: got.into(),
            because: None,
        }
    }
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
    let digit = |b: u8| char::from(b).to_digit(16);
    rest.is_empty().then_some(())?;
    pairs
        .iter()
        .map(|[high, low]| u8::try_from(digit(*high)? * 16 + digit(*low)?).ok())
        .collect()
}
