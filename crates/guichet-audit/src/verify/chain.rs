//! The order of the log and of each stream: no gap, no other record before, no time that runs backwards.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use guichet_core::id::{Position, Revision, StreamId};
use guichet_core::time::Timestamp;
use guichet_log::merkle::Hash;
use guichet_log::stream_map::{StreamEnd, StreamMap};

use super::tiles::Seen;
use super::{Finding, FindingKind, Found};

/// Where every stream stands, along the log. About 200 bytes a stream; nothing else grows with the log.
#[derive(Default)]
pub(super) struct Chain {
    ends: HashMap<StreamId, Known, RandomState>,
    /// Streams that have grown since the map was last asked.
    grown: Vec<StreamId>,
    map: StreamMap,
    recorded_at: Option<(Timestamp, Position)>,
}

/// Where a stream stands.
struct Known {
    end: StreamEnd,
    /// Whether it has grown since the map was last asked.
    has_grown: bool,
}

impl Chain {
    pub(super) fn streams(&self) -> u64 {
        self.ends.len() as u64
    }

    pub(super) fn take(&mut self, seen: Seen, found: &mut Found) {
        let Some(place) = seen.place else {
            return;
        };
        let position = seen.position;
        let finding = |kind, stream: Option<&str>, detail| Finding {
            position,
            kind,
            file: None,
            stream: stream.map(str::to_owned),
            detail,
        };
        if place.position != position {
            let detail = format!("the record says that it stands at position {}", place.position);
            found.add(finding(FindingKind::OutOfOrder, None, detail));
        }
        if let Some((before, at)) = self.recorded_at.filter(|(before, _)| *before > place.recorded_at) {
            let detail = format!(
                "it was recorded at {}, and the record at position {at} in front of it at {before}",
                place.recorded_at
            );
            found.add(finding(FindingKind::TimeBackwards, None, detail));
        }
        self.recorded_at = Some((place.recorded_at, position));
        let known = self.ends.get_mut(&place.stream);
        let (records, last) = known
            .as_ref()
            .map_or((0, Hash::NONE), |known| (known.end.records, known.end.last));
        let stream = Some(place.stream.as_str());
        if place.revision != Revision(records) {
            let detail = format!(
                "it is record {} of its stream, and record {records} was expected: records were left out or put in",
                place.revision
            );
            found.add(finding(FindingKind::ChainBroken, stream, detail));
        } else if place.previous != last {
            let detail = format!(
                "it follows on a record with the hash {}, and the one before it in its stream has {last}",
                place.previous
            );
            found.add(finding(FindingKind::ChainBroken, stream, detail));
        }
        let end = StreamEnd {
            records: place.revision.0.saturating_add(1),
            // Where the record was changed, the tree still has what the next one of its stream follows on.
            last: seen.leaf,
        };
        let has_grown = known.as_ref().is_some_and(|known| known.has_grown);
        if !has_grown {
            self.grown.push(place.stream.clone());
        }
        let now = Known { end, has_grown: true };
        if let Some(known) = known {
            *known = now;
        } else {
            self.ends.insert(place.stream, now);
        }
    }

    /// The root of the stream map, as the log stands now.
    pub(super) fn root(&mut self) -> Hash {
        for stream in self.grown.drain(..) {
            if let Some(known) = self.ends.get_mut(&stream) {
                known.has_grown = false;
                self.map.set(stream.as_str(), known.end);
            }
        }
        self.map.root()
    }
}
