//! The Merkle tree's hashes (RFC 6962), and the frontier: all that a growing log must remember of its tree.

pub mod proof;

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

/// A SHA-256 hash.
///
/// ```
/// # use guichet_log::merkle::Hash;
/// assert!(Hash::of_leaf(b"").to_string().starts_with("6e340b9c"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// What stands where there is no earlier record: 32 zero bytes.
    pub const NONE: Self = Self([0; 32]);

    /// The root of the tree without leaves: SHA-256 of nothing (RFC 6962, 2.1).
    #[must_use]
    pub fn of_nothing() -> Self {
        Self(Sha256::digest([]).into())
    }

    /// The hash of a leaf: SHA-256 over the byte 0 and the leaf's bytes (RFC 6962, 2.1).
    #[must_use]
    pub fn of_leaf(bytes: &[u8]) -> Self {
        Self(
            Sha256::new()
                .chain_update([0])
                .chain_update(bytes)
                .finalize()
                .into(),
        )
    }

    /// The hash of an inner node: SHA-256 over the byte 1 and the two hashes below it (RFC 6962, 2.1).
    #[must_use]
    pub fn of_node(left: &Self, right: &Self) -> Self {
        let mut node = [1; 65];
        let (_, children) = node.split_at_mut(1);
        let (first, second) = children.split_at_mut(32);
        first.copy_from_slice(&left.0);
        second.copy_from_slice(&right.0);
        Self(Sha256::digest(node).into())
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Text that is no hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a hash is written as 64 hexadecimal digits")]
pub struct NoHash;

/// The hash as [`fmt::Display`] writes it.
impl FromStr for Hash {
    type Err = NoHash;

    fn from_str(text: &str) -> Result<Self, NoHash> {
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if !rest.is_empty() || pairs.len() != 32 {
            return Err(NoHash);
        }
        let digit = |byte: u8| char::from(byte).to_digit(16).ok_or(NoHash);
        let mut hash = Self::NONE;
        for (byte, [high, low]) in hash.0.iter_mut().zip(pairs) {
            *byte = u8::try_from(digit(*high)? * 16 + digit(*low)?).map_err(|_| NoHash)?;
        }
        Ok(hash)
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

/// The roots of the perfect subtrees that make up a tree, largest first: enough to add leaves and to know the root.
///
/// A tree of `n` leaves has one such root for each bit that is set in `n`.
///
/// ```
/// # use guichet_log::merkle::{Frontier, Hash};
/// let mut frontier = Frontier::default();
/// frontier.push(Hash::of_leaf(b"first"));
/// frontier.push(Hash::of_leaf(b"second"));
/// assert_eq!(frontier.size(), 2);
/// assert_eq!(frontier.root(), Hash::of_node(&Hash::of_leaf(b"first"), &Hash::of_leaf(b"second")));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    roots: Vec<Hash>,
}

impl Frontier {
    /// A frontier of `size` leaves from its subtree roots, largest first; nothing when their number does not fit.
    #[must_use]
    pub fn from_roots(size: u64, roots: Vec<Hash>) -> Option<Self> {
        (u64::from(size.count_ones()) == roots.len() as u64).then_some(Self { size, roots })
    }

    /// The frontier of a tree of these leaves.
    #[must_use]
    pub fn of_leaves(leaves: impl IntoIterator<Item = Hash>) -> Self {
        let mut frontier = Self::default();
        for leaf in leaves {
            frontier.push(leaf);
        }
        frontier
    }

    /// Adds one leaf at the end.
    pub fn push(&mut self, leaf: Hash) {
        self.push_at(0, leaf);
    }

    /// Adds a perfect subtree of `2^height` leaves at the end, by its root. False, and nothing is added, where the tree so far
    /// has no place for it: its size must be a multiple of that.
    ///
    /// ```
    /// # use guichet_log::merkle::{Frontier, Hash};
    /// let leaves: Vec<_> = (0..12_u8).map(|number| Hash::of_leaf(&[number])).collect();
    /// let mut frontier = Frontier::of_leaves(leaves[..8].iter().copied());
    /// let subtree = Frontier::of_leaves(leaves[8..].iter().copied()).root();
    /// assert!(frontier.push_subtree(2, subtree));
    /// assert_eq!(frontier, Frontier::of_leaves(leaves));
    /// assert!(!frontier.push_subtree(3, subtree));
    /// ```
    pub fn push_subtree(&mut self, height: u32, root: Hash) -> bool {
        let fits = height < u64::BITS && self.size.trailing_zeros() >= height;
        if fits {
            self.push_at(height, root);
        }
        fits
    }

    fn push_at(&mut self, height: u32, root: Hash) {
        let mut node = root;
        // Each trailing one bit of the size, counted in such subtrees, is a perfect one that the new one completes.
        for _ in 0..(self.size >> height).trailing_ones() {
            if let Some(left) = self.roots.pop() {
                node = Hash::of_node(&left, &node);
            }
        }
        self.roots.push(node);
        self.size = self.size.saturating_add(1 << height);
    }

    /// How many leaves the tree has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The roots of the perfect subtrees, largest first.
    #[must_use]
    pub fn roots(&self) -> &[Hash] {
        &self.roots
    }

    /// The root of the whole tree; that of the empty tree is the hash of nothing.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut from_the_right = self.roots.iter().rev();
        let Some(smallest) = from_the_right.next() else {
            return Hash::of_nothing();
        };
        from_the_right.fold(*smallest, |right, left| Hash::of_node(left, &right))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_read_back_from_its_text_and_nothing_else_is() {
        let hash = Hash::of_leaf(b"record");
        assert_eq!(hash.to_string().parse(), Ok(hash));
        let text = hash.to_string();
        let shorter = text.get(2..).unwrap_or_default();
        for text in [
            "",
            "00",
            shorter,
            &format!("{text}00"),
            &format!("{text}0"),
            &text.replace('a', "g"),
        ] {
            assert_eq!(text.parse::<Hash>(), Err(NoHash), "{text}");
        }
    }

    /// The eight leaves and the roots over the first n of them, from `python/ct/crypto/merkle_test.py` of
    /// google/certificate-transparency (Apache-2.0).
    const LEAVES: [(&str, &str, &str); 8] = [
        (
            "",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        ),
        (
            "00",
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        ),
        (
            "10",
            "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        ),
        (
            "2021",
            "07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ),
        (
            "3031",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        ),
        (
            "40414243",
            "4271a26be0d8a84f0bd54c8c302e7cb3a3b5d1fa6780a40bcce2873477dab658",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        ),
        (
            "5051525354555657",
            "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        ),
        (
            "606162636465666768696a6b6c6d6e6f",
            "46f6ffadd3d06a09ff3c5860d2755c8b9819db7df44251788c7d8e3180de8eb1",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ),
    ];

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
            .collect()
    }

    #[test]
    fn leaves_and_roots_are_those_of_certificate_transparency() {
        let mut frontier = Frontier::default();
        assert_eq!(
            frontier.root().to_string(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        for (data, leaf, root) in LEAVES {
            let hash = Hash::of_leaf(&bytes(data));
            assert_eq!(hash.to_string(), leaf);
            frontier.push(hash);
            assert_eq!(frontier.root().to_string(), root);
        }
    }

    #[test]
    fn a_frontier_has_one_root_for_each_bit_of_its_size() {
        let mut frontier = Frontier::default();
        for size in 1..=300_u64 {
            frontier.push(Hash::of_leaf(&size.to_le_bytes()));
            assert_eq!(frontier.size(), size);
            assert_eq!(frontier.roots().len() as u64, u64::from(size.count_ones()));
            let again = Frontier::from_roots(size, frontier.roots().to_vec());
            assert_eq!(again, Some(frontier.clone()));
        }
        assert_eq!(Frontier::from_roots(301, frontier.roots().to_vec()), None);
    }
}
